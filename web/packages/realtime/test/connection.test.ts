import { beforeEach, describe, expect, it } from 'vitest'
import * as poll from '../src/buyer_poll.ts'
import { BuyerSession } from '../src/buyer.ts'
import { FakeServer } from './fake_server.ts'
import { World } from './world.ts'

let world: World
let server: FakeServer
let opened: number[]

function session(): BuyerSession {
  const env = world.environment(server)
  const open = env.openSocket
  env.openSocket = (url) => (opened.push(world.now_ms), open(url))
  return new BuyerSession({ env, store: world.store, base: 'https://shop.test', shop: 'demo', lang: 'en', tell: () => undefined, loadPoll: async () => poll })
}

beforeEach(() => {
  world = new World(7)
  server = new FakeServer(world)
  opened = []
})

describe('the connection', () => {
  it('falls back to the long poll when sockets are blocked, with the same promises', async () => {
    world.sockets_blocked = true
    const buyer = session()
    buyer.start()
    buyer.send('堵住了也能说')
    await world.pass(5000)
    expect(buyer.connection).toMatchObject({ phase: 'ready', transport: 'poll' })
    for (let i = 0; i < 5; i++) server.say(`${i}`)
    await world.pass(1000)
    expect(buyer.lines.map((line) => line.entry.text)).toEqual(['堵住了也能说', '0', '1', '2', '3', '4'])
    expect(buyer.lines[0]!.state).toBe('read')
    buyer.read(6)
    await world.pass(1000)
    expect(server.visitor.marks.buyer).toBe(6)
    buyer.recall(1)
    await world.pass(1000)
    expect(buyer.lines[0]!.entry.recalled).toBe(true)
  })

  it('returns to the socket when it works again', async () => {
    world.sockets_blocked = true
    const buyer = session()
    buyer.start()
    await world.pass(5000)
    world.sockets_blocked = false
    await world.pass(100_000)
    expect(buyer.connection).toMatchObject({ phase: 'ready', transport: 'socket' })
    buyer.send('回来了')
    await world.pass(200)
    expect(server.texts()).toEqual(['回来了'])
    world.cutSockets()
    await world.pass(2000)
    expect(buyer.connection.phase).toBe('ready')
  })

  it('falls back when sockets open but nothing comes through', async () => {
    server.silent = true
    const buyer = session()
    buyer.start()
    await world.pass(30_000)
    expect(buyer.connection).toMatchObject({ phase: 'ready', transport: 'poll' })
  })

  it('tries at once, then ever more slowly, and never more often than every 30 s at the end', async () => {
    world.sockets_blocked = world.http_blocked = true
    const buyer = session()
    buyer.start()
    await world.pass(600_000)
    expect(buyer.connection.phase).toBe('waiting')
    expect(opened[1]! - opened[0]!).toBeLessThan(100)
    expect(opened.length).toBeGreaterThan(10)
    expect(opened.length).toBeLessThan(60)
  })

  it('does not blame the socket for an orderly restart of the server', async () => {
    const buyer = session()
    buyer.start()
    await world.pass(100)
    for (let i = 0; i < 4; i++) {
      world.cutSockets(1012)
      await world.pass(5000)
    }
    expect(buyer.connection).toMatchObject({ phase: 'ready', transport: 'socket' })
  })

  it('drops a side that is silent for 75 s', async () => {
    const buyer = session()
    buyer.start()
    await world.pass(1000)
    server.silent = true
    await world.pass(110_000)
    server.silent = false
    await world.pass(60_000)
    expect(opened.length).toBeGreaterThan(1)
    expect(buyer.connection.phase).toBe('ready')
  })

  it('says when the device is offline and comes back by itself', async () => {
    const buyer = session()
    buyer.start()
    await world.pass(100)
    world.sockets_blocked = world.http_blocked = true
    world.goOnline(false)
    await world.pass(20_000)
    expect(buyer.connection).toMatchObject({ phase: 'waiting', online: false })
    world.sockets_blocked = world.http_blocked = false
    world.goOnline(true)
    await world.pass(100)
    expect(buyer.connection).toMatchObject({ phase: 'ready', online: true })
  })

  it('gives up when refused and says why', async () => {
    const buyer = session()
    buyer.start()
    await world.pass(100)
    world.cutSockets(4003)
    await world.pass(10_000)
    expect(buyer.connection.phase).toBe('stopped')
    expect(opened).toHaveLength(1)
  })

  it('marks the line that broke the connection as failed instead of sending it for ever', async () => {
    const buyer = session()
    buyer.start()
    await world.pass(100)
    buyer.send('坏')
    world.cutSockets(4009)
    await world.pass(10_000)
    expect(buyer.lines.map((line) => line.state)).toEqual(['failed'])
    expect(buyer.connection.phase).toBe('ready')
  })
})
