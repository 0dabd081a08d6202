// Sends an order to a shop's xiaoer as a signed hook. Node 20 or newer, nothing to install.
//
// XIAOER_URL=https://chat.example.com XIAOER_SHOP=mysilk XIAOER_HOOK_SECRET=whk_... node sign_hook.mjs

import { createHmac } from 'node:crypto'

const { XIAOER_URL: url, XIAOER_SHOP: shop, XIAOER_HOOK_SECRET: secret } = process.env
const TRIES_MAX = 5

/** The signature covers the time and the very bytes that are sent. */
function signatureOf(body) {
  const seconds = Math.floor(Date.now() / 1000)
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return `t=${seconds},v1=${mac}`
}

/** Safe to repeat: the same order again changes nothing, and the later updated_at holds. */
async function send(orders) {
  const body = JSON.stringify({ orders })
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const headers = { 'content-type': 'application/json', 'x-xiaoer-signature': signatureOf(body) }
    const answer = await fetch(`${url}/hooks/${shop}/orders`, { method: 'POST', headers, body }).catch(() => undefined)
    const told = await answer?.json().catch(() => undefined)
    if (answer?.ok) return told.orders
    if (answer && ![429, 503].includes(answer.status)) throw new Error(`${told?.code}: ${JSON.stringify(told?.params)}`)
    await new Promise((done) => setTimeout(done, told?.params?.retry_ms ?? 1000 * 2 ** attempt))
  }
  throw new Error('there was no answer; the same call later is safe')
}

const now = Date.now() * 1000
const [taken] = await send([
  {
    number: 'S-1002',
    updated_at: now,
    placed_at: now - 3_600_000_000,
    state: 'shipped',
    buyer_ref: 'customer-42',
    items: [{ sku: 'HAT-1', title: 'Felt hat', quantity: 2, amount: 15800 }],
    shipment: { courier: 'SF Express', waybill: 'SF123456', shipped_at: now },
  },
])
console.log(taken.outcome)
