// The buyer's half of the protocol in memory, and the built pages, for working on the window without a server.
// Not a reference: docs/PROTOCOL.md is. `npm run build && npm run dev`, then http://127.0.0.1:8098/shop
// Levers: /dev/say?text= /dev/auto?text= /dev/read /dev/reception?state=&on_duty=&agent= /dev/line?kind=&code=&agent=
// /dev/drop /dev/block?on=1 (no sockets) /dev/down?on=1 (no answers) /dev/refuse?code= (next send)

import { existsSync, readFileSync } from 'node:fs'
import http from 'node:http'
import { randomBytes } from 'node:crypto'
import { WebSocketServer } from 'ws'

const PORT = Number(process.env.PORT ?? 8098)
const DIST = new URL('../dist/', import.meta.url)
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; require-trusted-types-for 'script'"
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml' }
const RECALL_SECONDS_MAX = 120

const visitors = new Map()
const sockets = new Map()
const levers = { block: false, down: false, refuse: '' }
let reception = { state: 'none', on_duty: true, agent: null }
let last = null

const now = () => Date.now() * 1000
const error = (code, params = {}) => ({ code, message: code, params, request: 'req_dev' })

function visitorOf(token, identity) {
  let visitor = visitors.get(token)
  const subject = identity ? JSON.parse(Buffer.from(identity.split('.')[1], 'base64url')).sub : ''
  const is_new = !visitor || (subject && visitor.subject && visitor.subject !== subject)
  if (is_new) {
    visitor = { token: randomBytes(32).toString('hex'), conversation: `cnv_${visitors.size + 1}`, subject: '', entries: [], marks: { buyer: 0, staff: 0 } }
    visitors.set(visitor.token, visitor)
  }
  visitor.subject ||= subject
  last = visitor
  return { visitor, is_new }
}

function welcomeOf({ visitor, is_new }) {
  const { conversation, entries, marks, subject, token } = visitor
  const limits = { text_chars_max: 2000, recall_seconds_max: RECALL_SECONDS_MAX }
  const buyer = { name: subject || '', identified: !!subject }
  const welcome = { t: 'welcome', v: 1, now: now(), shop: { key: 'demo', name: '青禾针织' }, conversation, buyer, last_seq: entries.length, marks, reception, limits }
  return is_new ? { ...welcome, token } : welcome
}

function tell(visitor, frame) {
  for (const [socket, whose] of sockets) if (whose === visitor) socket.send(JSON.stringify(frame))
}

function append(visitor, line) {
  const entry = { lane: 'buyer', seq: visitor.entries.length + 1, at: now(), ...line }
  visitor.entries.push(entry)
  tell(visitor, { t: 'entry', conversation: visitor.conversation, entry })
  return entry
}

function send(visitor, id, text) {
  if (levers.refuse) return error(levers.refuse, { max: 2000 }, (levers.refuse = ''))
  const same = visitor.entries.find((entry) => entry.client_id === id)
  if (same) return same.text === text ? same : error('client_id_conflict')
  if (!text.trim()) return error('empty_text')
  return append(visitor, { kind: 'message', message: 'human', by: { side: 'buyer' }, text, client_id: id })
}

function recall(visitor, id, seq) {
  const target = visitor.entries[seq - 1]
  if (target?.by.side !== 'buyer') return error('not_yours')
  if (target.recalled) return error('already_recalled')
  if (now() - target.at > RECALL_SECONDS_MAX * 1e6) return error('too_late')
  delete target.text
  target.recalled = true
  return append(visitor, { kind: 'recall', by: { side: 'buyer' }, ref: seq, client_id: id })
}

function read(visitor, marks) {
  visitor.marks = { buyer: Math.max(visitor.marks.buyer, marks.buyer ?? 0), staff: Math.max(visitor.marks.staff, marks.staff ?? 0) }
  tell(visitor, { t: 'marks', conversation: visitor.conversation, marks: visitor.marks })
}

const sockets_server = new WebSocketServer({ noServer: true })
function onSocket(socket) {
  const give = (frame) => socket.send(JSON.stringify(frame))
  socket.on('close', () => sockets.delete(socket))
  socket.on('message', (data) => {
    if (levers.down) return
    const frame = JSON.parse(data)
    if (frame.t === 'hello') {
      const found = visitorOf(frame.token, frame.identity)
      const { conversation, entries } = found.visitor
      sockets.set(socket, found.visitor)
      give(welcomeOf(found))
      for (let from = frame.after ?? 0; from < entries.length; from += 200) {
        give({ t: 'entries', conversation, lane: 'buyer', entries: entries.slice(from, from + 200), last_seq: entries.length })
      }
      return
    }
    const visitor = sockets.get(socket)
    if (frame.t === 'ping') give({ t: 'pong', now: now() })
    if (frame.t === 'read') read(visitor, { buyer: frame.seq })
    if (frame.t !== 'send' && frame.t !== 'recall') return
    const done = frame.t === 'send' ? send(visitor, frame.id, frame.text) : recall(visitor, frame.id, frame.seq)
    give(done.seq ? { t: 'ack', id: frame.id, seq: done.seq, at: done.at } : { t: 'nack', id: frame.id, error: done })
  })
}

async function api(request, url, body) {
  const tail = url.pathname.split('/').slice(5).join('/')
  if (tail === 'hello') return [200, welcomeOf(visitorOf(body.token, body.identity))]
  const visitor = visitors.get(request.headers.authorization?.replace('Visitor ', ''))
  if (!visitor) return [401, error('not_signed_in')]
  if (tail === 'updates') {
    const until = Date.now() + Number(url.searchParams.get('wait')) * 1000
    const after = Number(url.searchParams.get('after'))
    const etag = () => JSON.stringify([visitor.marks, reception])
    while (visitor.entries.length <= after && etag() === url.searchParams.get('etag') && Date.now() < until) {
      await new Promise((go) => setTimeout(go, 50))
    }
    const entries = visitor.entries.slice(after, after + 200)
    return [200, { now: now(), entries, last_seq: visitor.entries.length, marks: visitor.marks, reception, etag: etag() }]
  }
  if (tail === 'read') return read(visitor, { buyer: body.seq }), [200, { marks: visitor.marks }]
  const found = /^entries\/(\d+)\/recall$/.exec(tail)
  const done = found ? recall(visitor, body.client_id, Number(found[1])) : send(visitor, body.client_id, body.text)
  return done.seq ? [200, { seq: done.seq, at: done.at }] : [400, done]
}

function lever(name, query) {
  const by = { side: 'agent', id: 'acc_1', name: query.agent ?? '小满' }
  if (name === 'say') append(last, { kind: 'message', message: 'human', by, text: query.text })
  if (name === 'auto') append(last, { kind: 'message', message: 'auto', by: { side: 'robot' }, text: query.text })
  if (name === 'line') append(last, { kind: query.kind, by: { side: 'system' }, code: query.code, params: query })
  if (name === 'read') read(last, { staff: last.entries.length })
  if (name === 'drop') for (const socket of sockets.keys()) socket.terminate()
  if (name === 'block' || name === 'down') levers[name] = query.on === '1'
  if (name === 'refuse') levers.refuse = query.code
  if (name === 'age') last.entries.forEach((entry) => (entry.at -= Number(query.minutes) * 60e6))
  if (name !== 'reception') return
  reception = { state: query.state, on_duty: query.on_duty !== '0', agent: query.agent ? { name: query.agent } : null }
  for (const visitor of visitors.values()) tell(visitor, { t: 'reception', reception })
}

const server = http.createServer(async (request, answer) => {
  const url = new URL(request.url, 'http://x')
  const json = (status, body) => answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  let text = ''
  for await (const part of request) text += part
  if (url.pathname.startsWith('/dev/')) return lever(url.pathname.slice(5), Object.fromEntries(url.searchParams)), json(200, {})
  if (levers.down) return request.socket.destroy()
  if (url.pathname.startsWith('/api/')) return json(...(await api(request, url, text ? JSON.parse(text) : {})))
  if (url.pathname === '/demo/identity') {
    const part = (content) => Buffer.from(JSON.stringify(content)).toString('base64url')
    return json(200, { identity: `${part({ alg: 'HS256' })}.${part({ sub: url.searchParams.get('customer') })}.x` })
  }
  const path = /^\/chat\//.test(url.pathname) ? 'chat.html' : url.pathname === '/shop' ? 'shop.html' : url.pathname.slice(1)
  const file = new URL(path, DIST)
  if (!file.href.startsWith(DIST.href) || !path || !existsSync(file)) return json(404, error('not_found'))
  answer.writeHead(200, { 'content-type': TYPES[path.split('.').pop()] ?? 'application/octet-stream', 'content-security-policy': POLICY, 'access-control-allow-origin': '*' })
  answer.end(readFileSync(file))
})
server.on('upgrade', (request, socket, head) => {
  if (levers.block || levers.down) return socket.destroy()
  sockets_server.handleUpgrade(request, socket, head, onSocket)
})
server.listen(PORT, '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}/shop`))
