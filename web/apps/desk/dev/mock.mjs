// The protocol in memory, for working on the desk without a server. Not a reference: docs/PROTOCOL.md is.
// `npm run dev` starts it beside vite. Levers for trying things: POST /dev/say?cnv=&text=, /dev/drop,
// /dev/refuse-ws?on=1, /dev/expire, /dev/fail?path=orders&on=1, /dev/slow?ms=1500,
// /dev/refuse-send?code=too_big.

import http from 'node:http'
import { WebSocketServer } from 'ws'
import { accounts, limits, makeConversations, micros, pushEntry, rowOf, shops } from './mock-data.mjs'

const port = Number(process.env.PORT ?? 8099)
const conversations = makeConversations(Number(process.env.EXTRA ?? 260))
const sessions = new Map()
const sockets = new Set()
const levers = { refuseWs: false, refuseSend: '', fail: new Set(), slow_ms: 0 }
let version = 1

class Refusal extends Error {
  constructor(status, code, params = {}) {
    super(code)
    Object.assign(this, { status, code, params })
  }
}
const errorBody = (code, params = {}) => ({ code, message: code, params, request: `req_${version}` })

const isMineOrQueue = (row, account) =>
  row.session && row.session.state !== 'closed' && (!row.session.agent || row.session.agent.id === account.id)
const listRows = (account) => [...conversations.values()].map(rowOf).filter((row) => isMineOrQueue(row, account))
const getConversation = (id) => conversations.get(id) ?? refuse(404, 'not_found')
function refuse(status, code, params) {
  throw new Refusal(status, code, params)
}

// ── what happens ─────────────────────────────────────────────────────────────

function publishEntry(conversation, entry) {
  version += 1
  for (const socket of sockets) {
    if (socket.watched.has(conversation.id)) socket.give({ t: 'entry', conversation: conversation.id, entry })
  }
  publishRow(conversation)
}

function publishRow(conversation) {
  version += 1
  for (const socket of sockets) {
    const row = rowOf(conversation)
    const known = isMineOrQueue(row, socket.account)
    if (known || socket.seen.has(conversation.id)) socket.give({ t: 'row', row })
    if (known) socket.seen.add(conversation.id)
  }
}

function publishMarks(conversation) {
  for (const socket of sockets) {
    if (socket.watched.has(conversation.id)) socket.give({ t: 'marks', conversation: conversation.id, marks: conversation.marks })
  }
  publishRow(conversation)
}

function send(account, conversation, { id, lane = 'buyer', text }) {
  if (!/^[\w.-]{8,64}$/.test(id ?? '')) refuse(400, 'bad_client_id')
  if (levers.refuseSend) refuse(400, levers.refuseSend)
  if (!text?.trim()) refuse(400, 'empty_text')
  if ([...text].length > limits.text_chars_max) refuse(400, 'too_long', { max: limits.text_chars_max })
  const before = conversation.ids.get(id)
  if (before) return before.text === text ? before : refuse(409, 'client_id_conflict')
  const by = { side: 'agent', id: account.id, name: account.name }
  const entry = pushEntry(conversation, lane, { kind: 'message', message: 'human', text, by, client_id: id })
  conversation.ids.set(id, entry)
  if (lane === 'buyer') {
    conversation.waiting_since = null
    conversation.marks = { ...conversation.marks, staff: entry.seq }
  }
  publishEntry(conversation, entry)
  setTimeout(() => readByBuyer(conversation), 2500)
  return entry
}

function readByBuyer(conversation) {
  conversation.marks = { ...conversation.marks, buyer: conversation.buyerLane.length }
  publishMarks(conversation)
}

function recall(account, conversation, { id, lane = 'buyer', seq }) {
  const log = lane === 'staff' ? conversation.staffLane : conversation.buyerLane
  const target = log[seq - 1] ?? refuse(404, 'not_found')
  if (target.by.id !== account.id) refuse(409, 'not_yours')
  if (target.recalled) refuse(409, 'already_recalled')
  if (micros() - target.at > limits.recall_seconds_max * 1e6) refuse(409, 'too_late')
  target.recalled = true
  delete target.text
  const entry = pushEntry(conversation, lane, { kind: 'recall', ref: seq, by: target.by, client_id: id })
  publishEntry(conversation, entry)
  return entry
}

function read(conversation, seq) {
  conversation.marks = { ...conversation.marks, staff: Math.max(conversation.marks.staff, seq) }
  publishMarks(conversation)
  return { marks: conversation.marks }
}

function buyerSays(conversation, text) {
  if (!conversation.session || conversation.session.state === 'closed') {
    conversation.session = { id: `ses_${version}`, state: 'queued', agent: null, opened_at: micros(), why: null }
    publishEntry(conversation, pushEntry(conversation, 'buyer', { kind: 'open', code: 'session_opened', params: {}, by: { side: 'system' } }))
  }
  const entry = pushEntry(conversation, 'buyer', { kind: 'message', message: 'human', text, by: { side: 'buyer' } })
  conversation.waiting_since ??= entry.at
  publishEntry(conversation, entry)
}

function give(conversation, agent, code, params) {
  const state = 'active'
  conversation.session = { ...conversation.session, id: `ses_${version}`, state, agent: { id: agent.id, name: agent.name }, why: { code: code === 'assigned' ? 'least_loaded' : code, params } }
  publishEntry(conversation, pushEntry(conversation, 'buyer', { kind: 'transfer', code, params: { agent: agent.name, ...params }, by: { side: 'system' } }))
  return rowOf(conversation)
}

// ── HTTP ─────────────────────────────────────────────────────────────────────

const routes = [
  ['POST', /^\/sign-in$/, ({ body, response }) => {
    const account = accounts.find((one) => one.login === body.login)
    if (!account || body.password !== 'demo') refuse(401, 'wrong_password')
    const token = `t${Math.random().toString(36).slice(2)}`
    sessions.set(token, account)
    response.setHeader('set-cookie', `xiaoer_session=${token}; HttpOnly; SameSite=Strict; Path=/`)
    return whoIs(account)
  }],
  ['POST', /^\/sign-out$/, ({ token }) => (sessions.delete(token), {})],
  ['GET', /^\/me$/, ({ account }) => whoIs(account)],
  ['GET', /^\/shops\/\w+\/conversations$/, ({ account, query }) => listPage(account, query)],
  ['GET', /^\/shops\/\w+\/conversations\/(\w+)$/, ({ id }) => rowOf(getConversation(id))],
  ['GET', /^\/shops\/\w+\/conversations\/(\w+)\/entries$/, ({ id, query }) => entriesPage(getConversation(id), query)],
  ['POST', /^\/shops\/\w+\/conversations\/(\w+)\/entries$/, ({ id, body, account }) => stored(send(account, getConversation(id), { ...body, id: body.client_id }))],
  ['POST', /^\/shops\/\w+\/conversations\/(\w+)\/entries\/(\d+)\/recall$/, ({ id, more, body, account }) => stored(recall(account, getConversation(id), { ...body, id: body.client_id, seq: Number(more) }))],
  ['POST', /^\/shops\/\w+\/conversations\/(\w+)\/read$/, ({ id, body }) => read(getConversation(id), body.seq)],
  ['POST', /^\/shops\/\w+\/conversations\/(\w+)\/take$/, ({ id, account }) => {
    const conversation = getConversation(id)
    const from = conversation.session?.state === 'active' ? conversation.session.agent?.name : undefined
    return give(conversation, account, 'taken', from ? { from } : {})
  }],
  ['POST', /^\/shops\/\w+\/conversations\/(\w+)\/hand-over$/, ({ id, body, account }) => {
    const conversation = getConversation(id)
    const to = accounts.find((one) => one.id === body.to) ?? refuse(404, 'not_found')
    if (to.state !== 'available') refuse(409, 'agent_unavailable')
    if (body.note) publishEntry(conversation, pushEntry(conversation, 'staff', { kind: 'message', message: 'human', text: body.note, by: { side: 'agent', id: account.id, name: account.name } }))
    return give(conversation, to, 'handed_over', { from: account.name })
  }],
  ['POST', /^\/shops\/\w+\/conversations\/(\w+)\/close$/, ({ id, account }) => {
    const conversation = getConversation(id)
    if (!conversation.session || conversation.session.state === 'closed') refuse(409, 'session_closed')
    conversation.session = { ...conversation.session, state: 'closed' }
    conversation.waiting_since = null
    publishEntry(conversation, pushEntry(conversation, 'buyer', { kind: 'close', code: 'closed_by_agent', params: { agent: account.name }, by: { side: 'agent', id: account.id, name: account.name } }))
    return rowOf(conversation)
  }],
  ['GET', /^\/shops\/\w+\/conversations\/(\w+)\/orders$/, ({ id, query }) => {
    const conversation = getConversation(id)
    const from = Number(query.get('cursor') ?? 0)
    const size = Number(query.get('limit') ?? 20)
    const next = from + size < conversation.orders.length ? String(from + size) : null
    return { orders: conversation.orders.slice(from, from + size), next, buyer: conversation.buyer }
  }],
  ['GET', /^\/shops\/\w+\/agents$/, () => ({
    agents: accounts.map(({ id, name, state }) => ({ id, name, state, cap: 15, open_sessions: [...conversations.values()].filter((c) => c.session?.state === 'active' && c.session.agent?.id === id).length })),
  })],
  ['PUT', /^\/shops\/\w+\/me\/state$/, ({ body, account }) => {
    account.state = body.state
    version += 1
    for (const socket of sockets) if (socket.account === account) socket.give({ t: 'state', state: body.state })
    return { state: body.state }
  }],
  ['GET', /^\/shops\/\w+\/search$/, ({ query }) => search(query.get('q') ?? '')],
  ['GET', /^\/shops\/\w+\/updates$/, ({ account, query }) => updates(account, query)],
]

const whoIs = ({ id, name, login }) => ({ account: { id, name, login, lang: 'zh-CN' }, shops, now: micros() })
const stored = (entry) => ({ seq: entry.seq, at: entry.at })

function listPage(account, query) {
  const rows = [...conversations.values()].map(rowOf).sort((a, b) => b.last.at - a.last.at)
  const list = query.get('list')
  const kept = list === 'all' ? rows : listRows(account).filter((row) => Boolean(row.session.agent) === (list === 'mine'))
  const from = Number(query.get('cursor') ?? 0)
  const size = Number(query.get('limit') ?? 50)
  return { rows: kept.slice(from, from + size), next: from + size < kept.length ? String(from + size) : null }
}

function entriesPage(conversation, query) {
  const log = query.get('lane') === 'staff' ? conversation.staffLane : conversation.buyerLane
  const size = Math.min(Number(query.get('limit') ?? 100), limits.page_entries_max)
  const before = query.get('before')
  const after = Number(query.get('after') ?? 0)
  const entries = before ? log.filter((e) => e.seq < Number(before)).slice(-size) : log.filter((e) => e.seq > after).slice(0, size)
  return { entries, last_seq: log.length }
}

function search(q) {
  const text = q.toLowerCase()
  const all = [...conversations.values()]
  const entries = all.flatMap((c) => c.buyerLane.filter((e) => e.text?.toLowerCase().includes(text)).map((entry) => ({ conversation: c.id, buyer: c.buyer, entry })))
  return {
    entries: entries.sort((a, b) => b.entry.at - a.entry.at).slice(0, 30),
    orders: all.flatMap((c) => c.orders.filter((o) => o.number.toLowerCase().startsWith(text)).map((order) => ({ order, conversation: c.id, buyer: c.buyer }))).slice(0, 10),
    buyers: all.filter((c) => c.buyer.name.toLowerCase().includes(text) || c.buyer.ref === q).map((c) => ({ buyer: c.buyer, conversation: c.id })).slice(0, 10),
    next: null,
  }
}

async function updates(account, query) {
  const until = Date.now() + Math.min(Number(query.get('wait') ?? 25), 25) * 1000
  while (query.get('etag') === `v${version}` && Date.now() < until) await new Promise((done) => setTimeout(done, 100))
  const conversation = conversations.get(query.get('watch'))
  const watched = conversation && {
    entries: [
      ...conversation.buyerLane.filter((e) => e.seq > Number(query.get('after') ?? 0)),
      ...conversation.staffLane.filter((e) => e.seq > Number(query.get('staff_after') ?? 0)),
    ],
    last_seq: conversation.buyerLane.length,
    staff_seq: conversation.staffLane.length,
    marks: conversation.marks,
  }
  return { now: micros(), me: meOf(account), rows: listRows(account), etag: `v${version}`, watched: watched ?? null }
}

const meOf = ({ id, name, state }) => ({ id, name, state, roles: ['agent'] })

async function handle(request, response) {
  const url = new URL(request.url, 'http://mock')
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  if (url.pathname.startsWith('/dev/')) return answer(response, 200, lever(url))
  const body = chunks.length ? JSON.parse(Buffer.concat(chunks)) : {}
  const path = url.pathname.replace('/api/v1', '')
  const token = /xiaoer_session=(\w+)/.exec(request.headers.cookie ?? '')?.[1]
  try {
    if (levers.slow_ms) await new Promise((done) => setTimeout(done, levers.slow_ms))
    for (const part of levers.fail) if (path.includes(part)) refuse(503, 'unavailable')
    const [, pattern, run] = routes.find(([method, p]) => method === request.method && p.test(path)) ?? refuse(404, 'not_found')
    const account = sessions.get(token)
    if (!account && path !== '/sign-in') refuse(401, 'not_signed_in')
    const [, id, more] = pattern.exec(path)
    answer(response, 200, { now: micros(), ...(await run({ account, body, id, more, token, query: url.searchParams, response })) })
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(error)
    answer(response, error.status ?? 500, errorBody(error.code ?? 'internal', error.params))
  }
}

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function lever(url) {
  const get = (name) => url.searchParams.get(name)
  const verb = url.pathname.slice(5)
  if (verb === 'say') buyerSays(getConversation(get('cnv')), get('text'))
  if (verb === 'drop') for (const socket of sockets) socket.terminate()
  if (verb === 'refuse-ws') levers.refuseWs = get('on') === '1'
  if (verb === 'refuse-send') levers.refuseSend = get('code') ?? ''
  if (verb === 'slow') levers.slow_ms = Number(get('ms'))
  if (verb === 'fail') levers.fail[get('on') === '1' ? 'add' : 'delete'](get('path'))
  if (verb === 'expire') {
    sessions.clear()
    for (const socket of sockets) socket.close(4001)
  }
  return { ok: true }
}

// ── WebSocket ────────────────────────────────────────────────────────────────

const server = http.createServer(handle)
const hub = new WebSocketServer({ noServer: true })
server.on('upgrade', (request, stream, head) => {
  if (levers.refuseWs) return stream.destroy()
  hub.handleUpgrade(request, stream, head, (socket) => {
    const token = /xiaoer_session=(\w+)/.exec(request.headers.cookie ?? '')?.[1]
    socket.account = sessions.get(token)
    socket.watched = new Set()
    socket.seen = new Set()
    socket.give = (frame) => socket.readyState === 1 && socket.send(JSON.stringify(frame))
    socket.on('message', (data) => onFrame(socket, JSON.parse(data)))
    socket.on('close', () => sockets.delete(socket))
  })
})

function onFrame(socket, frame) {
  try {
    const run = frames[frame.t] ?? refuse(400, 'unknown_frame')
    run(socket, frame)
  } catch (error) {
    const body = errorBody(error.code ?? 'internal', error.params)
    socket.give(frame.id ? { t: 'nack', id: frame.id, error: body } : { t: 'error', error: body })
  }
}

const frames = {
  hello(socket) {
    if (!socket.account) return socket.close(4001)
    sockets.add(socket)
    const rows = listRows(socket.account)
    for (const row of rows) socket.seen.add(row.conversation)
    socket.give({ t: 'welcome', v: 1, now: micros(), me: meOf(socket.account), shop: shops[0], rows, limits })
  },
  watch(socket, { conversation: id, after = 0, staff_after = 0 }) {
    const conversation = getConversation(id)
    socket.watched.add(id)
    page(socket, id, 'buyer', conversation.buyerLane, after)
    page(socket, id, 'staff', conversation.staffLane, staff_after)
  },
  unwatch: (socket, frame) => socket.watched.delete(frame.conversation),
  send(socket, frame) {
    const entry = send(socket.account, getConversation(frame.conversation), frame)
    socket.give({ t: 'ack', id: frame.id, seq: entry.seq, at: entry.at })
  },
  recall(socket, frame) {
    const entry = recall(socket.account, getConversation(frame.conversation), frame)
    socket.give({ t: 'ack', id: frame.id, seq: entry.seq, at: entry.at })
  },
  read: (socket, frame) => read(getConversation(frame.conversation), frame.seq),
  ping: (socket) => socket.give({ t: 'pong', now: micros() }),
}

function page(socket, conversation, lane, log, after) {
  let rest = log.slice(after)
  do {
    socket.give({ t: 'entries', conversation, lane, entries: rest.slice(0, limits.page_entries_max), last_seq: log.length })
    rest = rest.slice(limits.page_entries_max)
  } while (rest.length > 0)
}

server.listen(port, '127.0.0.1', () => console.log(`mock of the protocol on http://127.0.0.1:${port}, sign in as xiaoman / demo`))
