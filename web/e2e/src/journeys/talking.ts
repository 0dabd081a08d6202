/** A buyer and an agent talk: in the shop's corner and on a phone, with an input method, through a reload, with second thoughts. */

import type { Locator, Page } from 'playwright-core'
import { InputMethod } from '../input_method.ts'
import type { Journey } from '../journey.ts'
import { check, same, until } from '../until.ts'

const desktop: Journey = {
  fact: 'a buyer in the corner of the shop and an agent talk in Chinese and see how far each line got',
  async run(world) {
    const agent = await world.agent('xiaoman')
    await agent.become('available')
    const buyer = await world.buyerAtShop({ who: 'buyer' })
    await buyer.open()
    await buyer.say('在吗？这件开衫起球吗')
    await same('delivered while nobody has looked', () => buyer.stateOf('在吗？这件开衫起球吗'), 'sent')
    await agent.open('在吗？这件开衫起球吗')
    await same('read once the agent looks', () => buyer.stateOf('在吗？这件开衫起球吗'), 'read')
    await until('the header to name the agent', async () => (await buyer.window.locator('header b').textContent()) === '小满')

    await buyer.close()
    await agent.say('在的，您说')
    await agent.say('这件含羊毛，头几次穿会有浮毛')
    await same('the launcher counts', () => buyer.page.locator('xiaoer-chat .badge').textContent(), '2')
    await same('unread while the window is closed', () => agent.stateOf('在的，您说'), 'sent')
    await buyer.page.locator('xiaoer-chat .launch').click()
    await same('read once the window is open', () => agent.stateOf('这件含羊毛，头几次穿会有浮毛'), 'read')

    await buyer.say('M 码还有吗，155 cm 48 kg')
    const talk = ['买家: 在吗？这件开衫起球吗', '客服: 在的，您说', '客服: 这件含羊毛，头几次穿会有浮毛', '买家: M 码还有吗，155 cm 48 kg']
    await same('the desk', () => agent.talk(), talk)
    await same('the window', () => buyer.talk(), talk)
    await same('the last line read', () => buyer.stateOf('M 码还有吗，155 cm 48 kg'), 'read')
  },
}

const phone: Journey = {
  fact: 'on a phone and at the desk Enter belongs to the input method until the characters are chosen',
  async run(world) {
    const agent = await world.agent('xiaoman')
    await agent.become('available')
    const buyer = await world.buyerOnPhone({ who: 'phone' })

    await compose(buyer.page, buyer.field, 'ni hao', '你好')
    check((await buyer.talk()).length === 0, 'Enter while composing sent a line from the phone')
    await buyer.field.press('Enter')
    await same('the phone after Enter', () => buyer.talk(), ['买家: 你好'])

    await agent.open('你好')
    await compose(agent.page, agent.text, 'zai de', '在的')
    await same('the desk before Enter', () => agent.talk(), ['买家: 你好'])
    await agent.text.press('Enter')
    const talk = ['买家: 你好', '客服: 在的']
    await same('the desk after Enter', () => agent.talk(), talk)
    await same('the phone', () => buyer.talk(), talk)

    await buyer.field.focus()
    await buyer.page.keyboard.insertText('两行')
    await buyer.field.press('Shift+Enter')
    await buyer.page.keyboard.insertText('一条')
    await buyer.field.press('Enter')
    await same('one line with a break in it', () => agent.talk(), [...talk, '买家: 两行\n一条'])
  },
}

async function compose(page: Page, field: Locator, sound: string, chosen: string): Promise<void> {
  const method = new InputMethod(page)
  await field.focus()
  await method.compose(sound)
  await method.enter()
  await same('the composition stays in the field', () => field.inputValue(), sound)
  await method.choose(chosen)
  await same('the chosen characters', () => field.inputValue(), chosen)
}

const reload: Journey = {
  fact: 'after a reload in the middle both sides see the same lines, each once, and a draft is kept',
  async run(world) {
    const agent = await world.agent('xiaoman')
    await agent.become('available')
    const buyer = await world.buyerAtShop({ who: 'buyer' })
    await buyer.open()
    for (const text of ['一', '二', '三']) await buyer.say(text)
    await agent.open('三')
    await agent.say('四')
    await agent.write('五，正在写')
    const talk = ['买家: 一', '买家: 二', '买家: 三', '客服: 四']
    await same('the window before', () => buyer.talk(), talk)

    await Promise.all([buyer.reload(), agent.reload()])
    await same('the window after', () => buyer.talk(), talk)
    await same('the desk after', () => agent.talk(), talk)
    await same('what the agent was writing', () => agent.text.inputValue(), '五，正在写')

    await agent.text.press('Enter')
    /* sent and left at once: the line must not be lost with the page */
    await buyer.write('六')
    await buyer.field.press('Enter')
    await buyer.reload()
    const all = [...talk, '客服: 五，正在写', '买家: 六']
    const both = async () => [(await agent.talk()).sort(), (await buyer.talk()).sort()]
    await same('every line once on both sides', both, [[...all].sort(), [...all].sort()])
    await same('the same order on both sides', async () => (await agent.talk()).join() === (await buyer.talk()).join(), true)
  },
}

const WINDOW_S = 2

const recall: Journey = {
  fact: 'a line taken back in time is gone on both sides, and later it cannot be taken back',
  async run(world) {
    const agent = await world.agent('xiaoman')
    await agent.become('available')
    const buyer = await world.buyerAtShop({ who: 'buyer' })
    await buyer.open()
    await buyer.say('我的手机号是 13800000000')
    await agent.open('我的手机号是')
    await agent.say('给您改成 299')
    await same('both lines', () => buyer.talk(), ['买家: 我的手机号是 13800000000', '客服: 给您改成 299'])

    await buyer.act('我的手机号是', '撤回')
    await until('the buyer sees it gone', async () => system(await buyer.seen()).includes('您撤回了一条消息'))
    await same('the desk has no trace of it', () => agent.talk(), ['客服: 给您改成 299'])
    await until('the desk says who took it back', async () => system(await agent.seen()).some((text) => /访客 .+撤回了一条消息/.test(text)))

    await agent.act('给您改成 299', 'recall')
    await until('the agent sees it gone', async () => system(await agent.seen()).includes('你撤回了一条消息'))
    await same('nothing left in the window', () => buyer.talk(), [])
    await until('the buyer is told', async () => system(await buyer.seen()).includes('对方撤回了一条消息'))
    check(!(await agent.page.content()).includes('13800000000'), 'what was taken back is still in the page of the desk')

    await world.server.call('shop', 'set', 'demo', 'recall_seconds', String(WINDOW_S))
    await Promise.all([agent.reload(), buyer.reload()])
    await agent.say('今天能发货')
    await buyer.say('好')
    await until('the answer to arrive', async () => (await agent.talk()).length === 2)
    const said = Date.now()
    await until('the time for second thoughts to be over', () => Date.now() - said > (WINDOW_S + 1) * 1000)
    await agent.openMenuOf('今天能发货')
    check(!(await agent.at('menu-recall').isVisible()), 'the desk offers to take back a line that is too old')
    check(!(await buyer.menuOf('好')).includes('撤回'), 'the window offers to take back a line that is too old')
  },
}

function system(lines: { by: string; text: string }[]): string[] {
  return lines.filter(({ by }) => by === 'system').map(({ text }) => text)
}

export const talking: Journey[] = [desktop, phone, reload, recall]
