// What most shops would write first: a plain WebSocket server that stores each message with one INSERT and then
// answers and forwards it. The bench drives it exactly as it drives xiaoer.
//
// It keeps the promise of "acknowledged means stored" and nothing else: no sessions, no order across writers, no
// resume, no duplicates refused, no evidence, no search.
//
//   client → server  {"t":"hello","rooms":["r1"]}   {"t":"send","room":"r1","id":"…","text":"…"}
//   server → client  {"t":"welcome"}   {"t":"ack","id":"…","seq":1}   {"t":"entry","room":"r1","seq":1,"client_id":"…","text":"…"}

import pg from 'pg'
import { WebSocketServer } from 'ws'

const CONNECTIONS_MAX = 16

const pool = new pg.Pool({ connectionString: process.env.BASELINE_DATABASE_URL, max: CONNECTIONS_MAX })
await pool.query(`CREATE TABLE message (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  room TEXT NOT NULL,
  client_id TEXT NOT NULL,
  body TEXT NOT NULL,
  at TIMESTAMPTZ NOT NULL DEFAULT now()
)`)
await pool.query('CREATE INDEX message_room ON message (room, id)')

const rooms = new Map()
const insert = {
  name: 'insert',
  text: 'INSERT INTO message (room, client_id, body) VALUES ($1, $2, $3) RETURNING id',
}

async function send(socket, { room, id, text }) {
  const stored = await pool.query({ ...insert, values: [room, id, text] })
  const seq = Number(stored.rows[0].id)
  const entry = JSON.stringify({ t: 'entry', room, seq, client_id: id, text })
  for (const peer of rooms.get(room) ?? []) {
    if (peer !== socket) peer.send(entry)
  }
  socket.send(JSON.stringify({ t: 'ack', id, seq }))
}

function hello(socket, { rooms: names }) {
  for (const name of names) {
    if (!rooms.has(name)) rooms.set(name, new Set())
    rooms.get(name).add(socket)
  }
  socket.on('close', () => names.forEach((name) => rooms.get(name)?.delete(socket)))
  socket.send('{"t":"welcome"}')
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, backlog: 1024 })
server.on('connection', (socket) => {
  socket.on('error', () => socket.terminate())
  socket.on('message', (data) => {
    const frame = JSON.parse(data)
    if (frame.t === 'hello') return hello(socket, frame)
    send(socket, frame).catch((error) => {
      console.error(error.message)
      socket.terminate()
    })
  })
})
server.on('listening', () => console.log(`listens ${server.address().port}`))
process.on('SIGTERM', () => process.exit(0))
