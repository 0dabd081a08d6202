/** The server dies, WebSockets are forbidden, the network goes: nothing is lost, nothing comes twice. */

import type { Agent } from '../agent.ts'
import type { Buyer } from '../buyer.ts'
import type { Journey } from '../journey.ts'
import { same, until } from '../until.ts'
import type { Person, World } from '../world.ts'

/** Less than the pause after which a silent connection is given up. */
const STEP_OF_TIME = '00:24'
const PROBES_LATEST = 8

const killed: Journey = {
  fact: 'a server killed in the middle of a sentence loses nothing and doubles nothing',
  async run(world) {
    const { agent, buyer } = await inTalk(world)
    await buyer.say('一')
    await agent.say('二')
    await same('before', () => buyer.talk(), ['买家: 开头', '买家: 一', '客服: 二'])

    /* some of these are stored, some not, and nobody was told which */
    for (const text of ['三', '四', '五']) await buyer.say(text)
    await agent.say('六')
    await buyer.write('七，写到一半')
    await world.server.kill()
    await buyer.write('又接着写')
    await buyer.field.press('Enter')
    await buyer.say('八')
    await agent.say('九')
    await agent.say('十')
    await same('the buyer waits', () => buyer.stateOf('八'), 'waiting')
    await same('the agent waits', () => agent.stateOf('十'), 'waiting')
    await until('the desk says so', () => agent.page.getByText('等待发出').last().isVisible())
    await until('the window says so', () => buyer.page.getByText('写下的话不会丢').isVisible())

    await world.server.start()
    const mine = ['开头', '一', '三', '四', '五', '七，写到一半又接着写', '八'].map((text) => `买家: ${text}`)
    const theirs = ['二', '六', '九', '十'].map((text) => `客服: ${text}`)
    await settled(agent, buyer, mine, theirs)
    await same('read by the agent', () => buyer.stateOf('八'), 'read')
    await same('read by the buyer', () => agent.stateOf('十'), 'read')

    await agent.say('没有丢')
    await same('the talk goes on', async () => (await buyer.talk()).at(-1), '客服: 没有丢')
    await Promise.all([buyer.reload(), agent.reload()])
    await settled(agent, buyer, mine, [...theirs, '客服: 没有丢'])
  },
}

const blocked: Journey = {
  fact: 'where WebSockets are blocked both sides talk over plain HTTP, and go back once they are allowed',
  async run(world) {
    const gateway = await world.gateway()
    gateway.refuseSockets()
    const { agent, buyer } = await inTalk(world, { origin: gateway.origin, own_clock: true }, 'poll')
    await agent.say('一')
    await until('一 at the buyer', async () => (await buyer.talk()).includes('客服: 一'))
    await buyer.say('二')
    await agent.note('只有同事看得到')
    const talk = ['买家: 开头', '客服: 一', '买家: 二']
    await same('the window over HTTP', () => buyer.talk(), talk)
    await same('the desk over HTTP', () => agent.talk(), talk)
    await same('the note over HTTP', () => agent.notes(), ['只有同事看得到'])
    await same('read by the agent', () => buyer.stateOf('二'), 'read')
    await same('read by the buyer', () => agent.stateOf('一'), 'read')

    gateway.letThrough()
    for (let n = 0; n < PROBES_LATEST && (gateway.sockets('widget') < 1 || gateway.sockets('desk') < 1); n++) {
      /* a word from each side shows both that the connection lives */
      await Promise.all([buyer.say(`等 ${n}`), agent.say(`稍等 ${n}`)])
      talk.push(`买家: 等 ${n}`, `客服: 稍等 ${n}`)
      await same(`round ${n}`, async () => (await buyer.talk()).length === talk.length && (await agent.talk()).length === talk.length, true)
      await Promise.all([buyer.page.clock.fastForward(STEP_OF_TIME), agent.page.clock.fastForward(STEP_OF_TIME)])
    }
    await until('the window to be back on a socket', () => gateway.sockets('widget') === 1)
    await until('the desk to be back on a socket', () => gateway.sockets('desk') === 1)
    await agent.isConnected('ready')
    await buyer.say('三')
    await agent.say('四')
    await until('the talk goes on', async () => (await buyer.talk()).includes('客服: 四') && (await agent.talk()).includes('买家: 三'))
    await same('nothing doubled', async () => (await buyer.talk()).sort(), [...talk, '买家: 三', '客服: 四'].sort())
    await same('the same on both sides', async () => (await agent.talk()).join() === (await buyer.talk()).join(), true)

    gateway.refuseSockets()
    await agent.isConnected('poll')
    await buyer.say('五')
    await same('and over HTTP again', async () => (await agent.talk()).at(-1), '买家: 五')
  },
}

const offline: Journey = {
  fact: 'without a network lines wait in their order and leave in that order when it is back',
  async run(world) {
    const gateway = await world.gateway()
    const { agent, buyer } = await inTalk(world, { origin: gateway.origin })
    const both = [buyer.page.context(), agent.page.context()]
    gateway.refuseEverything()
    await Promise.all(both.map((context) => context.setOffline(true)))
    await until('the window says it', () => buyer.page.getByText('网络断开了').isVisible())
    await agent.isConnected('offline')
    const mine = ['买家: 开头']
    const theirs: string[] = []
    for (let n = 1; n <= 6; n++) {
      await buyer.say(`买家第 ${n} 句`)
      await agent.say(`客服第 ${n} 句`)
      mine.push(`买家: 买家第 ${n} 句`)
      theirs.push(`客服: 客服第 ${n} 句`)
    }
    await same('the last line waits', () => buyer.stateOf('买家第 6 句'), 'waiting')
    await same('the first line waits', () => agent.stateOf('客服第 1 句'), 'waiting')

    gateway.letThrough()
    await Promise.all(both.map((context) => context.setOffline(false)))
    await settled(agent, buyer, mine, theirs)
    /* whichever way was being tried when the network came back */
    await agent.isConnected('ready', 'poll')
    await until('the window is quiet again', async () => !(await buyer.page.getByText('网络断开了').isVisible()))
  },
}

/** An agent who has a buyer's first line before them. */
async function inTalk(world: World, way: Omit<Person, 'who'> = {}, state = 'ready'): Promise<{ agent: Agent; buyer: Buyer }> {
  const agent = await world.agent('xiaoman', way, state)
  await agent.become('available')
  const buyer = await world.buyerAtShop({ who: 'buyer', ...way })
  await buyer.open()
  await buyer.say('开头')
  await agent.open('开头')
  return { agent, buyer }
}

/** Both see every line once, each side's lines in the order they were said, in the same order as the other. */
async function settled(agent: Agent, buyer: Buyer, mine: string[], theirs: string[]): Promise<void> {
  const by = (who: string, talk: string[]) => talk.filter((line) => line.startsWith(who))
  await same('the lines of the buyer at the desk', async () => by('买家', await agent.talk()), mine)
  await same('the lines of the agent in the window', async () => by('客服', await buyer.talk()), theirs)
  await same('the same on both sides', async () => (await agent.talk()).join() === (await buyer.talk()).join(), true)
  const waiting = async () => [...(await buyer.seen()), ...(await agent.seen())].filter(({ state }) => state === 'waiting' || state === 'failed')
  await same('nothing waits any more', waiting, [])
}

export const loss: Journey[] = [killed, blocked, offline]
