/** A buyer and an agent talk: at the shop's corner and on a phone, with an input method, through a reload. */

import type { Journey } from '../journey.ts'
import { same, until } from '../until.ts'

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

export const talking: Journey[] = [desktop]
