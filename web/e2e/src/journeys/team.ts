/** What a team does beside the talk: notices, the roster, the end of a shift, acts on many conversations, the companion. */

import type { Agent } from '../agent.ts'
import type { Journey } from '../journey.ts'
import { same, until } from '../until.ts'

async function page(agent: Agent, id: string): Promise<void> {
  await agent.at(`rail-${id}`).click()
  await agent.at(`page-${id}`).waitFor()
}

const handover: Journey = {
  fact: 'at the end of a shift buyers and promises go to a colleague who signs, and an incident stays',
  async run(world) {
    const giver = await world.agent('xiaoman')
    const receiver = await world.agent('guyu')
    const buyer = await world.buyerAtShop({ who: 'buyer' })
    await buyer.open()
    await buyer.say('发票什么时候到')
    await giver.list('left')
    await giver.open('访客')
    await giver.at('take').click()
    await same('taken', () => giver.at('session-state').getAttribute('data-state'), 'mine')
    await receiver.become('available')

    await page(giver, 'handover')
    await giver.at('handover-give').click()
    await giver.at('handover-to').selectOption({ label: '谷雨 · 我有空' })
    await giver.at('handover-promise').first().fill('今晚把发票发到邮箱')
    await giver.at('handover-incident').first().fill('仓库漏发三单')
    await giver.at('handover-sign').click()
    await until('it waits for the other', () => giver.at('handover').getByText('等 谷雨 签字').isVisible())

    await page(receiver, 'handover')
    await receiver.at('handover-take').click()
    await until('both have signed', () => receiver.at('handover').getByText('谷雨 已签字').isVisible())
    await until('the incident stays', () => receiver.at('handover').getByText('由 小满 负责').isVisible())
    await receiver.at('rail-chat').click()
    await receiver.list('mine')
    await receiver.open('访客')
    await same('it is with the colleague', () => receiver.at('session-state').getAttribute('data-state'), 'mine')
  },
}

const notice: Journey = {
  fact: 'a pinned notice is read with a receipt, and who pinned it sees who has not read it',
  async run(world) {
    const owner = await world.agent('owner')
    const agent = await world.agent('guyu')
    await page(owner, 'handover')
    await owner.at('notice-new').click()
    await owner.at('notice-title').fill('今晚改价')
    await owner.at('notice-text').fill('八点起羊毛衫改价，别再报旧价')
    await owner.at('notice-pin').click()
    await owner.at('notice-who').click()
    await until('who has not read it', () => owner.at('notice').getByText(/还没看：.*谷雨/).isVisible())
    await page(agent, 'handover')
    await agent.at('notice-read').click()
    await until('the receipt', () => agent.at('notice').getByText(/你在.*看过/).isVisible())
  },
}

const roster: Journey = {
  fact: 'the owner sets hours and plans a week by keys, and too few people show as a gap',
  async run(world) {
    const owner = await world.agent('owner')
    await page(owner, 'team')
    await owner.at('team-hours').click()
    await owner.at('hours-0').fill('09:00-12:00 22:00-02:00')
    await owner.at('hours-save').click()
    await until('it is saved', () => owner.page.getByText('已保存').isVisible())
    await owner.at('team-roster').click()
    const cell = owner.page.locator('#cell-0-0')
    await cell.focus()
    await cell.press('d')
    await until('the day shift stands there', async () => ((await cell.textContent()) ?? '').includes('早班'))
    await until('the evening lacks people', () => owner.at('roster').getByText(/缺人 22:00–24:00/).isVisible())
    await cell.press('x')
    await until('the day is free again', async () => !((await cell.textContent()) ?? '').includes('早班'))
  },
}

const bulk: Journey = {
  fact: 'a tag is put on everything that the filters find, and the list is sifted by it',
  async run(world) {
    const agent = await world.agent('xiaoman')
    for (const [who, line] of [['one', '在吗'], ['two', '有货吗']] as const) {
      const buyer = await world.buyerAtShop({ who })
      await buyer.open()
      await buyer.say(line)
    }
    await agent.list('all')
    await agent.at('bulk-open').click()
    await agent.at('bulk-name').fill('双十一')
    await agent.at('bulk-go').click()
    await same('the job is done', () => agent.at('bulk-state').getAttribute('data-state'), 'done')
    await agent.page.keyboard.press('Escape')
    await agent.at('filter-tag').locator('button').first().click()
    await agent.page.getByRole('menuitemradio', { name: '双十一' }).or(agent.page.getByText('双十一')).first().click()
    await until('both are found', async () => (await agent.at('list').locator('[role=option]').count()) >= 2)
  },
}

const companion: Journey = {
  fact: 'beside a foreign chat a text is written and copied with one key, and an unknown order says so',
  async run(world) {
    const agent = await world.agent('xiaoman')
    await agent.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page(agent, 'companion')
    await agent.at('companion-order').fill('没有这个号')
    await agent.at('companion-order').press('Enter')
    await until('no such order', () => agent.page.getByText('没有这个订单号').isVisible())
    await agent.at('companion-text').fill('亲，今天下午发出')
    await agent.at('companion-text').press('Control+Enter')
    await same('it is in the clipboard', () => agent.page.evaluate(() => navigator.clipboard.readText()), '亲，今天下午发出')
  },
}

export const team: Journey[] = [handover, notice, roster, bulk, companion]
