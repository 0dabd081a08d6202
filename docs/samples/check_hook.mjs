// Receives what a shop's xiaoer tells, and checks who says it. Node 20 or newer, nothing to install.
//
// XIAOER_WEBHOOK_SECRET=whs_... node check_hook.mjs 9000
//
// Put a proxy with HTTPS in front of it. Answer quickly with 2xx: what is not taken within ten seconds is told again.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'

const secret = process.env.XIAOER_WEBHOOK_SECRET
const OLDEST_S = 300
/** A real program keeps these ids in its database: the same delivery may come twice. */
const seen = new Set()

/** The signature covers the time and the very bytes that came. */
function isSigned(signature, body) {
  const { t, v1 } = Object.fromEntries(signature.split(',').map((part) => part.split('=')))
  if (!/^\d+$/.test(t ?? '') || Math.abs(Date.now() / 1000 - Number(t)) > OLDEST_S) return false
  const wanted = createHmac('sha256', secret).update(`${t}.`).update(body).digest()
  const given = Buffer.from(v1 ?? '', 'hex')
  return given.length === wanted.length && timingSafeEqual(wanted, given)
}

createServer((request, answer) => {
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    const body = Buffer.concat(parts)
    if (!isSigned(String(request.headers['x-xiaoer-signature'] ?? ''), body)) return answer.writeHead(401).end()
    const told = JSON.parse(body.toString())
    if (!seen.has(told.id)) {
      seen.add(told.id)
      console.log(told.event, JSON.stringify(told.data))
    }
    answer.writeHead(204).end()
  })
}).listen(Number(process.argv[2] ?? 9000), '127.0.0.1')
