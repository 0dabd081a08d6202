/** What the desk knows beside the talk: the customer's orders, and everything that was ever said. */

import type { Agent } from '../agent.ts'
import type { Buyer } from '../buyer.ts'
import type { Journey } from '../journey.ts'
import { check, same, until } from '../until.ts'

/** The imported orders of customer 3001, newest first. */
const ORDERS = ['20261266', '20261231', '20261224', '20261217', '20261154', '20261049', '20261014', '20261007', '20261000']

const orders: Journey = {
  fact: 'the orders of an identified customer stand beside the talk, newest first, with items, sums and refunds',
  async run(world) {
    const agent = await world.agent('xiaoman')
    await agent.become('available')
    const visitor = await world.buyerOnPhone({ who: 'visitor' })
    await visitor.say('我只是看看')
    const buyer = await world.buyerAtShop({ who: 'customer' })
    await continueAs(buyer, '3001')
    await buyer.say('那件雾蓝的退款到了吗')

    await agent.open('我只是看看')
    await same('a visitor is not identified', () => agent.at('buyer-kind').textContent(), '访客')
    await until('a visitor has no orders', () => agent.at('context').getByText('没有订单').isVisible())

    await agent.open('那件雾蓝的退款到了吗')
    await same('the customer number', () => agent.at('buyer-ref').textContent(), '3001')
    await same('the orders', () => numbers(agent), ORDERS)

    const latest = await card(agent, '20261266')
    for (const part of ['翻领羊毛开衫 雾蓝 L', '雾蓝羊绒围巾', '毛球修剪器', '¥329.00 × 1', 'QH-102', '退 1 件', 'C20269010', '2026-09-08']) {
      check(latest.includes(part), `order 20261266 does not show ${part}: ${latest}`)
    }
    await same('its sum', () => agent.at('order-20261266').getByTestId('order-total').textContent(), '¥567.00')
    await same('its state', () => state(agent, '20261266'), 'partly_refunded')
    await same('an order sent back whole', () => state(agent, '20261007'), 'refunded')
    await same('an order that stayed', () => state(agent, '20261154'), 'completed')
    check((await card(agent, '20261154')).includes('¥189.00 × 2'), 'order 20261154 does not show two scarves')

    await agent.open('我只是看看')
    await agent.search('20261154')
    await agent.at('found-order').filter({ hasText: '20261154' }).click()
    await same('found by its number', () => agent.at('buyer-ref').textContent(), '3001')

    await visitor.page.goto(`${world.server.origin}/chat/demo`)
    await visitor.isReady()
    check((await visitor.talk()).join() === '买家: 我只是看看', 'the visitor sees lines of somebody else')
  },
}

async function continueAs(buyer: Buyer, customer: string): Promise<void> {
  await buyer.page.locator('#customer').fill(customer)
  await buyer.page.getByRole('button', { name: '以此身份继续' }).click()
  await buyer.page.getByText(`现在是顾客 ${customer}`).waitFor()
  await buyer.isReady()
}

async function numbers(agent: Agent): Promise<(string | undefined)[]> {
  const marks = await agent.at('context').locator('article').evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.testid))
  return marks.map((mark) => mark?.replace('order-', ''))
}

async function card(agent: Agent, number: string): Promise<string> {
  return (await agent.at(`order-${number}`).textContent()) ?? ''
}

function state(agent: Agent, number: string): Promise<string | null> {
  return agent.at(`order-${number}`).getByTestId('order-state').getAttribute('data-state')
}

const BALLAST = 150
/** A long line may be cut at its beginning. */
const LINE_END = 6
const WORDS: [query: string, line: string][] = [
  ['缩', '洗了会缩水吗'],
  ['起球', '穿久了会起球吗'],
  ['燕麦色', '我想要燕麦色那件'],
  ['merino', 'Is it Merino wool or a blend?'],
  ['wool', 'Is it Merino wool or a blend?'],
]

const search: Journey = {
  fact: 'one, two and three Chinese characters and Latin words find what was said, and open it where it was said',
  settings: { XIAOER_BUYER_SENDS_PER_SECOND: '200', XIAOER_BUYER_LINES_PER_MINUTE: '10000' },
  async run(world) {
    const agent = await world.agent('xiaoman')
    await agent.become('available')
    const buyer = await world.buyerOnPhone({ who: 'talker' })
    for (const line of new Set(WORDS.map(([, line]) => line))) await buyer.say(line)
    await until('the lines to be stored', async () => (await buyer.seen()).every(({ state }) => state !== 'waiting'))
    await chatter(buyer)
    const other = await world.buyerOnPhone({ who: 'other' })
    await other.say('您好')
    await agent.open('您好')

    for (const [query, line] of WORDS) {
      await agent.search(query)
      const hit = agent.at('found-entry').filter({ hasText: line.slice(-LINE_END) })
      await until(`${query} to be found`, () => hit.isVisible())
      await same(`${query} is marked`, async () => (await hit.locator('mark').first().textContent())?.toLowerCase(), query)
      await hit.click()
      const bubble = agent.log.locator('[data-testid=bubble]', { hasText: line })
      await until(`${line} to be in view`, () => bubble.evaluate(isInView))
    }
    await until('the way back', () => agent.page.getByRole('button', { name: '回到最新' }).first().isVisible())
    await agent.page.getByRole('button', { name: '回到最新' }).first().click()
    await until('the newest line in view', () => agent.log.getByText(`闲聊 ${BALLAST}`).evaluate(isInView))

    await agent.search('龘')
    await until('nothing found is said', () => agent.page.getByText('没有找到').isVisible())
  },
}

function isInView(element: Element): boolean {
  const log = element.closest('[role=log]')!.getBoundingClientRect()
  const at = element.getBoundingClientRect()
  return at.top >= log.top - 1 && at.bottom <= log.bottom + 1
}

/** So much that the lines searched for are far above what the desk has loaded. */
async function chatter(buyer: Buyer): Promise<void> {
  await buyer.page.evaluate(async (count) => {
    const headers = { authorization: `Visitor ${localStorage.getItem('xiaoer.token.demo')}`, 'content-type': 'application/json' }
    for (let n = 1; n <= count; n++) {
      const body = JSON.stringify({ client_id: `chatter-${String(n).padStart(6, '0')}`, text: `闲聊 ${n}` })
      const answer = await fetch('/api/v1/widget/demo/entries', { method: 'POST', headers, body })
      if (!answer.ok) throw new Error(`line ${n}: ${answer.status} ${await answer.text()}`)
    }
  }, BALLAST)
}

export const facts: Journey[] = [orders, search]
