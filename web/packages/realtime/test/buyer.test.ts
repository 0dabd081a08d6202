import { beforeEach, describe, expect, it } from 'vitest'
import * as poll from '../src/buyer_poll.ts'
import { BuyerSession, type BuyerEvent } from '../src/buyer.ts'
import { error, FakeServer } from './fake_server.ts'
import { World } from './world.ts'

let world: World
let server: FakeServer
let events: BuyerEvent[]

function session(): BuyerSession {
  return new BuyerSession({
    env: world.environment(server),
    store: world.store,
    base: 'https://shop.test',
    shop: 'demo',
    lang: 'zh-CN',
    tell: (event) => events.push(event),
    loadPoll: async () => poll,
  })
}

async function connected(): Promise<BuyerSession> {
  const buyer = session()
  buyer.start()
  await world.pass(100)
  expect(buyer.connection.phase).toBe('ready')
  return buyer
}

const texts = (buyer: BuyerSession) => buyer.lines.map((line) => line.entry.text ?? '(recalled)')
const states = (buyer: BuyerSession) => buyer.lines.map((line) => line.state)

beforeEach(() => {
  world = new World()
  server = new FakeServer(world)
  events = []
})

describe('a message', () => {
  it('waits, is sent when stored, and is read when the other side has read it', async () => {
    const buyer = await connected()
    buyer.send('能赶上明天发吗')
    expect(states(buyer)).toEqual(['waiting'])
    const key = buyer.lines[0]!.key
    await world.pass(100)
    expect(states(buyer)).toEqual(['sent'])
    expect(buyer.lines[0]!.key).toBe(key)
    server.mark({ buyer: 0, staff: 1 })
    await world.pass(100)
    expect(states(buyer)).toEqual(['read'])
  })

  it('keeps one line when the entry comes before the acknowledgement', async () => {
    const buyer = await connected()
    world.faults.delay = 0.8
    for (let i = 0; i < 5; i++) buyer.send(`${i}`)
    await world.pass(5000)
    expect(texts(buyer)).toEqual(['0', '1', '2', '3', '4'])
  })

  it('survives a reload before it was stored, under the same client id', async () => {
    const first = await connected()
    world.cutSockets()
    world.sockets_blocked = world.http_blocked = true
    first.send('还在吗')
    await world.pass(50)
    const id = first.lines[0]!.entry.client_id
    first.stop()
    world.sockets_blocked = world.http_blocked = false
    const second = await connected()
    expect(texts(second)).toEqual(['还在吗'])
    expect(server.visitor.entries[0]?.client_id).toBe(id)
  })

  it('is sent again after a lost acknowledgement and stored once', async () => {
    const buyer = await connected()
    world.faults.lose = 1
    buyer.send('一次')
    await world.pass(100)
    world.faults.lose = 0
    world.cutSockets()
    await world.pass(2000)
    expect(server.texts()).toEqual(['一次'])
    expect(states(buyer)).toEqual(['sent'])
  })

  it('asks a connection that never answers to make way', async () => {
    const buyer = await connected()
    server.silent = true
    buyer.send('喂')
    await world.pass(21_000)
    server.silent = false
    await world.pass(20_000)
    expect(server.texts()).toEqual(['喂'])
  })

  it('fails with the reason and goes again when asked', async () => {
    const buyer = await connected()
    server.refuse.push(error('too_long', { max: 3 }))
    buyer.send('太长了吧')
    await world.pass(100)
    expect(states(buyer)).toEqual(['failed'])
    expect(buyer.lines[0]!.error?.code).toBe('too_long')
    buyer.retry(buyer.lines[0]!.entry.client_id!)
    await world.pass(100)
    expect(states(buyer)).toEqual(['sent'])
  })

  it('waits by itself when the server asks for patience, and keeps the order', async () => {
    const buyer = await connected()
    server.refuse.push(error('too_fast', { retry_ms: 700 }), error('unavailable'))
    buyer.send('一')
    buyer.send('二')
    await world.pass(500)
    expect(server.texts()).toEqual([])
    await world.pass(5000)
    expect(server.texts()).toEqual(['一', '二'])
  })

  it('is taken back for both sides', async () => {
    const buyer = await connected()
    buyer.send('写错了')
    await world.pass(100)
    buyer.recall(1)
    expect(buyer.lines[0]!.recalling).toBe(true)
    await world.pass(100)
    expect(buyer.lines).toHaveLength(1)
    expect(buyer.lines[0]!.entry.recalled).toBe(true)
    expect(server.visitor.entries).toHaveLength(2)
  })

  it('says so when it cannot be taken back', async () => {
    const buyer = await connected()
    server.say('您好')
    await world.pass(100)
    buyer.recall(1)
    await world.pass(100)
    expect(events.find((event) => event.type === 'refused')).toMatchObject({ error: { code: 'not_yours' } })
  })
})

describe('the log', () => {
  it('is read in pages from the start', async () => {
    const first = await connected()
    for (let i = 1; i <= 10; i++) server.say(`${i}`)
    await world.pass(100)
    first.stop()
    const second = await connected()
    expect(texts(second)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'])
    expect(second.complete).toBe(true)
  })

  it('catches up after a loss without doubling', async () => {
    const buyer = await connected()
    server.say('一')
    await world.pass(100)
    world.cutSockets()
    server.say('二')
    await world.pass(2000)
    expect(texts(buyer)).toEqual(['一', '二'])
    expect(server.frames.filter((frame) => frame.t === 'hello').map((frame) => frame.after)).toEqual([0, 1])
  })

  it('fetches a hole that does not fill by itself', async () => {
    const buyer = await connected()
    world.faults.lose = 1
    server.say('丢了')
    world.faults.lose = 0
    server.say('到了')
    await world.pass(100)
    expect(texts(buyer)).toEqual([])
    await world.pass(3000)
    expect(texts(buyer)).toEqual(['丢了', '到了'])
    expect(buyer.connection.transport).toBe('socket')
  })

  it('counts unread messages until they are read', async () => {
    const buyer = await connected()
    server.say('一')
    server.say('二')
    await world.pass(100)
    expect(buyer.unread).toBe(2)
    expect(events.filter((event) => event.type === 'arrived')).toHaveLength(2)
    buyer.read(2)
    await world.pass(100)
    expect(buyer.unread).toBe(0)
    expect(server.visitor.marks.buyer).toBe(2)
  })

  it('takes an answer as a sign that what came before was read', async () => {
    const buyer = await connected()
    buyer.send('在吗')
    await world.pass(100)
    expect(buyer.lines.at(-1)?.state).toBe('sent')
    server.say('在的')
    await world.pass(100)
    expect(buyer.lines.map((line) => line.state)).toEqual(['read', 'received'])
  })

  it('is the same in two tabs of one visitor', async () => {
    const one = await connected()
    const two = await connected()
    one.send('从第一个标签')
    two.send('从第二个标签')
    await world.pass(200)
    expect(server.visitors).toHaveLength(1)
    expect([...texts(one)].sort()).toEqual(['从第一个标签', '从第二个标签'].sort())
    expect(texts(two)).toEqual(texts(one))
  })

  it('belongs to one visitor even when two tabs open at the same moment', async () => {
    const one = session()
    const two = session()
    one.start()
    two.start()
    await world.pass(500)
    one.send('一')
    two.send('二')
    await world.pass(500)
    expect(texts(one)).toHaveLength(2)
    expect(texts(two)).toEqual(texts(one))
  })

  it('shows time by the clock of the server', async () => {
    const buyer = await connected()
    expect(Math.abs(buyer.clock.now() - (world.now_ms + 300_000) * 1000)).toBeLessThan(1_000_000)
  })
})

describe('who speaks', () => {
  it('becomes the customer the shop has signed, in the same conversation', async () => {
    const buyer = await connected()
    buyer.send('我是谁')
    await world.pass(100)
    buyer.identify('17850')
    await world.pass(200)
    expect(buyer.welcome?.buyer).toEqual({ name: '17850', identified: true })
    expect(texts(buyer)).toEqual(['我是谁'])
  })

  it('shows nothing of the customer before when another one comes', async () => {
    const buyer = await connected()
    buyer.identify('17850')
    await world.pass(200)
    buyer.send('我的订单')
    await world.pass(100)
    buyer.identify('12583')
    await world.pass(500)
    expect(texts(buyer)).toEqual([])
    buyer.send('新的')
    await world.pass(100)
    expect(texts(buyer)).toEqual(['新的'])
    expect(server.texts(server.visitors[0])).toEqual(['我的订单'])
  })

  it('never sends unsent lines of one customer as another', async () => {
    const buyer = await connected()
    buyer.identify('17850')
    await world.pass(200)
    world.cutSockets()
    world.sockets_blocked = true
    buyer.send('私事')
    buyer.logout()
    world.sockets_blocked = false
    buyer.start()
    await world.pass(2000)
    expect(server.visitors.flatMap((visitor) => server.texts(visitor))).toEqual([])
  })

  it('starts anew with an unknown token and keeps what was not sent', async () => {
    world.store.write('xiaoer.token.demo', 'stale')
    const buyer = session()
    buyer.send('在吗')
    buyer.start()
    await world.pass(2000)
    expect(server.texts()).toEqual(['在吗'])
    expect(buyer.connection.phase).toBe('ready')
  })
})

describe('any fault that heals', () => {
  const seeds = Array.from({ length: 40 }, (_, i) => i + 1)
  it.each(seeds)('leaves the same transcript on both sides (seed %i)', async (seed) => {
    world = new World(seed)
    server = new FakeServer(world)
    const buyers = [await connected(), await connected()]
    world.faults = { cut: 0.03, lose: 0.05, double: 0.15, delay: 0.3 }
    const said: string[] = []
    for (let i = 0; i < 40; i++) {
      const buyer = buyers[i % 2]!
      const dice = world.random()
      if (dice < 0.5) {
        said.push(`b${i}`)
        buyer.send(`b${i}`)
      } else if (dice < 0.8) server.say(`a${i}`)
      else if (dice < 0.85) world.cutSockets(world.random() < 0.5 ? 1012 : 1006)
      else if (dice < 0.9) world.sockets_blocked = !world.sockets_blocked
      else if (dice < 0.95) world.goOnline(!world.online)
      else buyer.lines.some((line) => line.state === 'sent' && line.entry.text && buyer.recall(line.entry.seq))
      await world.pass(world.random() * 2000)
    }
    world.faults = { cut: 0, lose: 0, double: 0, delay: 0 }
    world.sockets_blocked = false
    world.goOnline(true)
    await world.pass(60_000)
    world.cutSockets()
    await world.pass(60_000)
    for (const buyer of buyers) {
      expect(texts(buyer)).toEqual(server.texts())
      expect(buyer.log.entries.map((entry) => entry.seq)).toEqual(server.visitor.entries.map((entry) => entry.seq))
      expect(states(buyer).some((state) => state === 'waiting' || state === 'failed')).toBe(false)
    }
    const stored = server.visitor.entries.filter((entry) => entry.kind === 'message' && entry.by.side === 'buyer')
    expect(stored).toHaveLength(said.length)
    expect(world.store.read('xiaoer.outbox.demo')).toBeNull()
  })
})
