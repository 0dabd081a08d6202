/** What the shop says by itself, the page of phrases, and the guard before a line leaves. */

import type { Agent } from '../agent.ts'
import type { Journey } from '../journey.ts'
import { same, until } from '../until.ts'

async function page(agent: Agent, id: string): Promise<void> {
  await agent.at(`rail-${id}`).click()
  await agent.at(`page-${id}`).waitFor()
}

const auto: Journey = {
  fact: 'an automatic reply set up at the desk is seen by the buyer as one and the buyer still waits',
  async run(world) {
    const leader = await world.agent('guyu')
    await page(leader, 'phrases')
    await leader.at('phrases-auto').click()
    const away = leader.page.locator('[data-testid=auto-reply][data-occasion=away]')
    await away.getByTestId('auto-setup').click()
    await away.getByTestId('auto-text').fill('{店铺}的客服马上回来')
    await until('the preview is filled in', () => away.getByTestId('preview').getByText('青禾针织的客服马上回来').isVisible())
    await away.getByTestId('auto-save').click()
    await until('it is on', async () => (await away.getByTestId('auto-switch').getAttribute('aria-checked')) === 'true')

    const buyer = await world.buyerAtShop({ who: 'buyer' })
    await buyer.open()
    await buyer.say('在吗')
    const auto = async () => (await buyer.seen()).filter(({ by }) => by === 'shop').map(({ text }) => text)
    await same('the buyer hears it once', auto, ['青禾针织的客服马上回来'])

    await leader.at('rail-chat').click()
    await leader.become('available')
    await leader.list('mine')
    await leader.open('访客')
    const line = leader.log.locator('[data-side=system]', { hasText: '青禾针织的客服马上回来' })
    await until('the desk says what it is', () => line.getByText('自动回复').isVisible())
    await until('the buyer still waits', () => leader.at('session-state').isVisible())
    await leader.say('在的，您说')
    await same('a person answers', async () => (await buyer.talk()).at(-1), '客服: 在的，您说')
  },
}

const library: Journey = {
  fact: 'a phrase written on its page is sent from the composer with its file, and a broken sheet says which line is wrong',
  async run(world) {
    const leader = await world.agent('guyu')
    const buyer = await world.buyerAtShop({ who: 'buyer' })
    await buyer.open()
    await buyer.say('能包邮吗')
    await page(leader, 'phrases')
    await until('the starter library is there', async () => (await leader.at('phrases-row').count()) > 5)
    await leader.at('phrases-add').click()
    await leader.at('phrase-title').fill('青箬运费')
    await leader.at('phrase-code').fill('qryf')
    await leader.at('phrase-text').fill('您好，')
    await leader.page.locator('[data-testid=place][data-place=shop]').click()
    await leader.at('phrase-text').press('End')
    await leader.page.keyboard.insertText('满两件包邮')
    await until('as the buyer reads it', () => leader.at('preview').getByText('您好，青禾针织满两件包邮').isVisible())
    await leader.at('phrase-save').click()
    const file = { name: '包邮说明.txt', mimeType: 'text/plain', buffer: Buffer.from('两件起') }
    await leader.at('phrase-file-add').setInputFiles(file)
    await leader.at('phrase-file-row').first().waitFor()
    await leader.at('phrases-search').fill('qryf')
    await same('found by its code', () => leader.at('phrases-row').count(), 1)

    await leader.at('phrases-sheet').click()
    const sheet = '文件夹,短码,内容\n售后/退货,tzzt,退货请贴好单号\n售后,bad code,有空格的短码\n'
    await leader.at('phrase-file').setInputFiles({ name: '话术.csv', mimeType: 'text/csv', buffer: Buffer.from(sheet) })
    await until('what was taken', () => leader.at('phrase-told').getByText('新增 1 条').isVisible())
    await until('and what was not', () => leader.at('phrase-told').getByText('第 3 行：短码有空格').isVisible())

    await leader.at('rail-chat').click()
    await leader.become('available')
    await leader.list('mine')
    await leader.open('访客')
    await leader.text.focus()
    await leader.page.keyboard.type('/')
    await leader.at('phrase-search').waitFor()
    await leader.page.keyboard.type('qryf')
    await until('one phrase', async () => (await leader.at('phrase').count()) === 1)
    await leader.page.keyboard.press('Control+Enter')
    await until('the buyer reads it', async () => (await buyer.talk()).includes('客服: 您好，青禾针织满两件包邮'))
    await until('and gets what goes with it', () => buyer.window.getByText('包邮说明.txt').first().isVisible())
    await page(leader, 'phrases')
    await leader.at('phrases-search').fill('qryf')
    await leader.at('phrases-row').first().click()
    await until('it is counted', () => leader.at('phrase-form').getByText('全店用 1 次').isVisible())
  },
}

const guard: Journey = {
  fact: 'a line that a rule asks about is reworded, one that it blocks stays, and an override is kept with its reason',
  async run(world) {
    const agent = await world.agent('guyu')
    const boss = await world.agent('owner')
    await agent.become('available')
    const buyer = await world.buyerAtShop({ who: 'buyer' })
    await buyer.open()
    await buyer.say('会起球吗')
    await agent.open('会起球吗')

    await agent.write('这件是最好的')
    await agent.text.press('Enter')
    const row = agent.at('guard')
    await row.locator('[data-rule=ad_law]').waitFor()
    const held = await agent.text.inputValue()
    await row.getByTestId('guard-better').first().click()
    await until('it is reworded', async () => (await agent.text.inputValue()) !== held)
    await until('nothing is found any more', async () => (await row.count()) === 0)
    const better = await agent.text.inputValue()
    await agent.text.press('Enter')
    await same('the better words leave', async () => (await buyer.talk()).at(-1), `客服: ${better}`)

    await agent.write('你有神经病吧')
    await agent.text.press('Enter')
    await row.locator('[data-rule=abuse].block').waitFor()
    await same('it cannot be confirmed', () => row.getByTestId('guard-confirm').count(), 0)
    await agent.text.fill('这款绝对不起球')
    await agent.text.press('Enter')
    await agent.at('guard-reason').fill('检测报告这样写')
    await agent.at('guard-confirm').click()
    await same('it leaves all the same', async () => (await buyer.talk()).at(-1), '客服: 这款绝对不起球')

    await boss.page.evaluate(() => (location.hash = '#/demo/guard'))
    await boss.at('page-guard').waitFor()
    await until('with its reason', () => boss.at('page-guard').getByText('检测报告这样写').first().isVisible())
  },
}

export const phrases: Journey[] = [library, guard, auto]
