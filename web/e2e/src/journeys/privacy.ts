/** What belongs to a buyer: masked, shown for a reason, handed out, and gone when the buyer asks. */

import type { Agent } from '../agent.ts'
import type { Journey } from '../journey.ts'
import { check, same, until } from '../until.ts'

const PHONE = '13812345620'
const PLACE = '杭州市西湖区山脚路8号'
const WORDS = '我的包裹到哪了'

const asked: Journey = {
  fact: 'a masked number is shown for a reason, a buyer who asks is exported and erased, and an open thread sees the words go',
  async run(world) {
    const owner = await world.agent('owner')
    await tellOrder(owner)
    const buyer = await world.buyerAtShop({ who: 'customer' })
    await buyer.page.locator('#customer').fill('3001')
    await buyer.page.getByRole('button', { name: '以此身份继续' }).click()
    await buyer.page.getByText('现在是顾客 3001').waitFor()
    await buyer.isReady()
    const agent = await world.agent('xiaoman')
    await agent.become('available')
    await buyer.say(WORDS)
    await agent.open(WORDS)

    const card = agent.at('order-W-9001')
    const phone = card.getByTestId('value-phone')
    await until('the number is masked', async () => (await phone.textContent())?.includes('138****5620') === true)
    check(!(await card.textContent())!.includes(PLACE), 'the whole address stands on the card')
    await phone.getByRole('button').first().click()
    await agent.at('menu-delivery').click()
    await until('the number is shown', async () => (await phone.textContent())?.includes(PHONE) === true)
    await phone.getByRole('button').last().click()
    await until('and hidden again', async () => (await phone.textContent())?.includes(PHONE) === false)
    await agent.at('privacy-menu').locator('button').first().click()
    await same('an agent neither exports nor erases', () => agent.page.getByRole('menuitem').count(), 2)
    await agent.page.keyboard.press('Escape')

    await owner.list('all')
    await owner.open(WORDS)
    await pick(owner, 'export')
    const file = await owner.page.waitForEvent('download')
    check(/^demo-byr_\d+\.zip$/.test(file.suggestedFilename()), `the file is called ${file.suggestedFilename()}`)
    await pick(owner, 'erase')
    await owner.at('erase-sure').check()
    await owner.at('erase-go').click()
    await until('it is done', () => owner.page.getByText('已抹除。').isVisible())
    await agent.log.getByTestId('erased').first().waitFor()
    check(!(await agent.log.textContent())!.includes(WORDS), 'the open thread still shows what was erased')

    await owner.page.goto(`${world.server.origin}/desk/#/demo/audit`)
    await owner.page.reload()
    const log = owner.at('audit')
    for (const act of ['抹除买家', '导出买家资料', '查看隐藏信息']) await log.getByText(act).first().waitFor()
    check(!(await log.textContent())!.includes(PHONE), 'the log holds the number')
  },
}

async function pick(agent: Agent, choice: string): Promise<void> {
  await agent.at('privacy-menu').locator('button').first().click()
  await agent.at(`menu-${choice}`).click()
}

/** An order that says who receives it, told as the shop's own program tells it. */
async function tellOrder(owner: Agent): Promise<void> {
  const { request } = owner.page
  const origin = new URL(owner.page.url()).origin
  const made = await request.post(`${origin}/api/v1/shops/demo/keys`, { data: { name: 'site', scopes: ['orders:write'] } })
  const { key } = (await made.json()) as { key: string }
  const now = Date.now() * 1000
  const data = {
    updated_at: now, placed_at: now - 3_600_000_000, state: 'shipped', buyer_ref: '3001',
    items: [{ sku: 'QH-102', title: '雾蓝羊绒围巾', quantity: 1, amount: 18_900 }],
    address: { name: '林间鹿', phone: PHONE, text: PLACE },
    shipment: { courier: '顺丰', waybill: 'SF1234567890', shipped_at: now },
  }
  const told = await request.put(`${origin}/api/v1/shops/demo/orders/W-9001`, { data, headers: { authorization: `Bearer ${key}` } })
  check(told.ok(), `the order was not taken: ${await told.text()}`)
}

export const privacy: Journey[] = [asked]
