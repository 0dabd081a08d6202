/** Several people around one talk: the supervisor whispers, an agent gives the buyer on, the wall counts. */

import { isAccessible } from '../axe.ts'
import type { Journey } from '../journey.ts'
import { check, same, until } from '../until.ts'

const together: Journey = {
  fact: 'a supervisor whispers, an agent gives the buyer to a colleague who accepts, and the wall shows why and how long',
  async run(world) {
    const agent = await world.agent('xiaoman')
    await agent.become('available')
    const buyer = await world.buyerOnPhone({ who: 'buyer' })
    await buyer.say('羊毛衫起球了能退吗')
    await agent.open('羊毛衫起球')
    await agent.at('why').click()
    await agent.at('decision').first().waitFor()
    check((await agent.at('decision').first().getAttribute('data-code')) === 'least_loaded', 'the panel does not name the rule')
    check(await agent.at('why-panel').getByText('没有考虑').isVisible(), 'the panel does not say who was passed over')
    await isAccessible(agent.page, 'the panel of reasons', '[data-testid=why-panel]')
    await agent.page.keyboard.press('Escape')

    const lead = await world.agent('xiaoxue')
    await lead.list('all')
    await lead.open('羊毛衫起球')
    await lead.at('whisper').click()
    await lead.at('whisper-text').fill('先道歉，再说免费去球')
    await lead.at('whisper-send').click()
    await until('the whisper at the agent', () => agent.log.getByText('先道歉，再说免费去球').isVisible())
    await isAccessible(agent.page, 'a thread with a whisper', '[data-testid=thread]')
    await agent.say('抱歉让您困扰了')
    check(!(await buyer.talk()).some((line) => line.includes('免费去球')), 'the buyer reads what was whispered')

    const colleague = await world.agent('guyu')
    await colleague.become('available')
    await agent.at('hand-over').click()
    await agent.at('hand-over-panel').getByRole('radio', { name: '谷雨' }).click()
    await agent.at('hand-over-note').fill('懂面料的来')
    await agent.at('hand-over-submit').click()
    await agent.at('transfer-waits').waitFor()
    await same('it is still with the giver', () => agent.at('session-state').getAttribute('data-state'), 'mine')
    await colleague.at('transfer-ask').getByText('懂面料的来').waitFor()
    await isAccessible(colleague.page, 'the question of a colleague', '[data-testid=transfer-asks]')
    await colleague.page.keyboard.press('Alt+y')
    await same('it went over', () => agent.at('session-state').getAttribute('data-state'), 'other')
    await colleague.isLoaded()
    await colleague.say('可以免费去球一次')
    await same('the answer', async () => (await buyer.talk()).at(-1), '客服: 可以免费去球一次')

    await lead.at('rail-wall').click()
    await lead.at('wall').waitFor()
    await until('the first response of today', async () => /\d/.test((await lead.at('wall-first').textContent()) ?? ''))
    await until('the share in time', async () => ((await lead.at('wall-in-time').textContent()) ?? '').includes('100.0%'))
    await isAccessible(lead.page, 'the wall')
  },
}

const beside: Journey = {
  fact: 'beside the talk stand remark, level and tags, products to send, earlier talks to jump to and phrases to insert',
  async run(world) {
    const agent = await world.agent('xiaoxue')
    await agent.become('available')
    const buyer = await world.buyerOnPhone({ who: 'buyer' })
    await buyer.say('上次那条围巾')
    await agent.page.evaluate(async (phrase) => {
      await fetch('/api/v1/shops/demo/phrases', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(phrase) })
    }, { scope: 'personal', folder: null, code: '', title: '配色', text: '这条围巾还有雾蓝和苔绿' })
    await agent.open('上次那条围巾')
    await agent.say('在的')
    await agent.at('close').click()
    await same('closed', () => agent.at('session-state').getAttribute('data-state'), 'closed')
    await buyer.say('还有别的颜色吗')
    await same('open again', () => agent.at('session-state').getAttribute('data-state'), 'mine')

    await agent.at('remark-open').click()
    await agent.at('remark-text').fill('喜欢雾蓝色')
    await agent.page.keyboard.press('Control+Enter')
    await until('the remark is kept', () => agent.at('remark-open').getByText('喜欢雾蓝色').isVisible())
    await agent.at('tag-add').click()
    await agent.at('tag-name').fill('老客')
    await agent.page.keyboard.press('Enter')
    await until('the tag in the list', () => agent.row('别的颜色').getByText('老客').isVisible())
    await agent.at('level').locator('button').first().click()
    await agent.at('menu-vip').click()
    await until('the level in the list', () => agent.row('别的颜色').getByText('VIP').isVisible())

    await agent.at('context-products').click()
    await agent.at('products-search').fill('围巾')
    await until('scarves', async () => ((await agent.at('product').first().textContent()) ?? '').includes('围巾'))
    await isAccessible(agent.page, 'the products beside the talk', '[data-testid=context]')
    const title = (await agent.at('product').first().locator('.line').textContent()) ?? ''
    check(title.length > 2, 'the product has no title')
    await agent.at('product-send').first().click()
    await until('the card at the buyer', async () => (await buyer.window.getByText(title).count()) > 0)

    await agent.at('context-history').click()
    await same('both talks', () => agent.at('past-session').count(), 2)
    await isAccessible(agent.page, 'the history beside the talk', '[data-testid=context]')
    await agent.at('past-session').last().click()
    await until('the first line', () => agent.log.getByText('上次那条围巾').isVisible())

    await agent.at('context-phrases').click()
    await agent.at('phrases-search').fill('配色')
    await agent.at('tree-phrase').first().click()
    await same('the words at the cursor', () => agent.text.inputValue(), '这条围巾还有雾蓝和苔绿')
    await isAccessible(agent.page, 'the phrases beside the talk', '[data-testid=context]')
  },
}

export const steering: Journey[] = [together, beside]
