/** The pictures of docs/screens: a shop on a busy evening, as the people in it see it. */

import { mkdir, stat, writeFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import type { Agent } from './agent.ts'
import { launch } from './browser.ts'
import type { Buyer } from './buyer.ts'
import { check, until } from './until.ts'
import { World } from './world.ts'

const TO = new URL('../../../docs/screens/', import.meta.url).pathname
const BYTES_MAX = 300_000
/** Seconds until a buyer counts as overdue, urgent and waiting, with a little to spare. */
const OVERDUE_S = 196
const URGENT_S = 118
const WAITING_S = 47

export async function run(): Promise<number> {
  await mkdir(TO, { recursive: true })
  const browser = await launch()
  const world = await World.open('sqlite', browser)
  try {
    await evening(world)
    await everyPage(world)
    return 0
  } catch (failure) {
    console.error(failure)
    await world.keepEvidence('screens')
    return 1
  } finally {
    await world.close()
    await browser.close()
  }
}

async function evening(world: World): Promise<void> {
  const stranger = await world.page({ who: 'sign-in' }, { viewport: { width: 1280, height: 800 } })
  await stranger.goto(`${world.server.origin}/desk/`)
  await stranger.getByTestId('sign-in-login').fill('xiaoman')
  await picture(stranger, 'signin')
  await stranger.context().close()

  const agent = await world.agent('xiaoman')
  await agent.become('available')
  const colleague = await world.agent('guyu')
  await colleague.become('available')
  await colleague.become('away')

  const began = Date.now()
  const at = (seconds: number) => until(`second ${seconds}`, () => Date.now() - began > seconds * 1000, OVERDUE_S * 1000)

  const done = await customer(world, '3003')
  await talk(agent, done, '3003', ['> 炭灰那件到货会通知我吗', '< 会的，到货当天短信告诉您', '> 好的谢谢'])
  await agent.say('不客气')
  const late = await customer(world, '3002')
  await late.say('姜黄那件童装退款怎么还没到，已经第五天了')
  await at(OVERDUE_S - URGENT_S)
  const urgent = await world.buyerOnPhone({ who: 'urgent' })
  await urgent.say('这件 158 穿 M 会不会太长')

  const buyer = await customer(world, '3001')
  await talk(agent, buyer, '3001', [
    '> 在吗',
    '> 上次买的雾蓝开衫很喜欢，想再给我妈妈带一件',
    '< 在的，谢谢您喜欢',
    '< 阿姨平时穿多大？雾蓝和燕麦色都还有',
    '> 她 158 cm，60 kg 左右，喜欢宽松一点',
    '# 老客，上次雾蓝 L 退过一件，原因是袖子长',
    '< 建议 L，肩线落一点正好宽松。上次您觉得 L 的袖子偏长，这批袖长改短了 2 cm',
    '> 那要燕麦色 L',
  ])
  await at(OVERDUE_S - WAITING_S)
  const guest = await world.buyerAtShop({ who: 'guest' })
  await guest.open()
  await guest.say('羊绒围巾可以机洗吗')
  const foreign = await customer(world, '3004', 'en')
  await foreign.say('Hi! Does the wheat-ear cardigan run small?')

  const english = await world.agent('xiaoman', { lang: 'en' })
  await english.open('run small')
  await talkTo(english, foreign, [
    '< Hello! It fits true to size, with a slightly dropped shoulder.',
    '> I am 168 cm and usually wear M in knitwear',
    '< Then M is right. If you like to wear a shirt beneath it, take L.',
    '# Ships abroad: check customs before promising a date',
    '> Great. Can it be here before Friday?',
  ])
  await at(OVERDUE_S)
  await buyer.say('能赶上明天发吗？后天是她生日')
  await until('the question at the desk', async () => (await agent.talk()).at(-1)?.includes('后天是她生日'))
  await agent.write('现在下单今晚就能发，')
  await agent.page.mouse.move(640, 400)
  await picture(agent.page, 'desk')
  await picture(english.page, 'desk-en')
  await agent.page.getByRole('navigation').getByText('明暗').click()
  await agent.page.mouse.move(640, 400)
  await picture(agent.page, 'desk-dark')

  await agent.text.fill('现在下单今晚就能发，明天下午到')
  await agent.text.press('Enter')
  await agent.say('给您备注生日礼盒，不另收费')
  await until('the answer', async () => (await buyer.talk()).at(-1)?.includes('生日礼盒'))
  await buyer.say('太好了，我这就拍')
  await until('it was read', async () => (await buyer.stateOf('太好了，我这就拍')) === 'read')
  await picture(buyer.page, 'widget')
  await onPhone(world, buyer, 'zh-CN', 'phone')
  await onPhone(world, foreign, 'en', 'phone-en')
  await buyer.close()
  await agent.say('好的，拍下后我马上安排')
  await until('the launcher counts', () => buyer.page.locator('xiaoer-chat .badge').isVisible())
  await buyer.page.mouse.move(100, 700)
  await picture(buyer.page, 'shop')
}

/** Every page of the desk as the owner sees it, in both languages and themes and on a phone, with a list of them all. */
async function everyPage(world: World): Promise<void> {
  await mkdir(`${TO}pages`, { recursive: true })
  let ids: string[] = []
  for (const { mark, ...look } of LOOKS) {
    const owner = await world.agent('owner', look)
    await owner.at('rail-house').click()
    await owner.at('house-settings').waitFor()
    ids = (await owner.page.locator('nav [data-testid]').evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.testid!)))
      .filter((id) => /^(rail|house)-/.test(id) && !['rail-chat', 'rail-house'].includes(id))
    for (const id of ids) {
      if (id.startsWith('house-')) await owner.at('rail-house').click()
      await owner.at(id).click()
      await isSettled(owner.page, nameOf(id))
      await picture(owner.page, `pages/${nameOf(id)}${mark}`)
    }
    await owner.page.context().close()
  }
  const owner = await world.agent('owner')
  await owner.page.setViewportSize({ width: 390, height: 844 })
  for (const id of ids) {
    await owner.page.goto(`${world.server.origin}/desk/#/demo/${nameOf(id)}`)
    await owner.page.reload()
    await isSettled(owner.page, nameOf(id))
    await picture(owner.page, `pages/${nameOf(id)}-phone`)
  }
  await owner.page.context().close()
  const cells = (id: string): string => [...LOOKS.map(({ mark }) => mark), '-phone'].map((mark) => `[![](pages/${nameOf(id)}${mark}.png)](pages/${nameOf(id)}${mark}.png)`).join(' | ')
  const rows = ids.map((id) => `| ${nameOf(id)} | ${cells(id)} |`)
  await writeFile(`${TO}README.md`, [
    '# Screens', '', 'Made by `npm run screens` in `web/` from the demonstration shop. The conversation itself:',
    '[desk](desk.png), [in English](desk-en.png), [in the dark](desk-dark.png); [widget](widget.png), [phone](phone.png),',
    '[in English](phone-en.png); [the shop\u2019s page](shop.png); [sign-in](signin.png).', '',
    '| page | 中文 | 中文，深色 | English | English, dark | phone |', '|---|---|---|---|---|---|', ...rows, '',
  ].join('\n'))
}

const LOOKS = [
  { mark: '', lang: 'zh-CN', dark: false },
  { mark: '-dark', lang: 'zh-CN', dark: true },
  { mark: '-en', lang: 'en', dark: false },
  { mark: '-en-dark', lang: 'en', dark: true },
] as const

const nameOf = (id: string): string => id.replace(/^(rail|house)-/, '')

/** The page is there and nothing in it is still on its way. */
async function isSettled(page: Page, id: string): Promise<void> {
  await page.getByTestId(`page-${id}`).waitFor()
  await page.waitForLoadState('networkidle')
}

async function customer(world: World, number: string, lang: 'zh-CN' | 'en' = 'zh-CN'): Promise<Buyer> {
  const buyer = await world.buyerAtShop({ who: number, lang })
  await buyer.page.locator('#customer').fill(number)
  await buyer.page.locator('#who [type=submit]').click()
  await buyer.isReady()
  return buyer
}

/** The first line brings the buyer to the desk; there they are called by `sign`. */
async function talk(agent: Agent, buyer: Buyer, sign: string, lines: string[]): Promise<void> {
  const [first = '', ...rest] = lines
  await buyer.say(first.slice(2))
  await agent.open(first.slice(2))
  await until(`${sign} to be open`, async () => (await agent.at('buyer-ref').textContent()) === sign)
  await talkTo(agent, buyer, rest)
}

/** `>` the buyer says, `<` the agent says, `#` the agent notes. */
async function talkTo(agent: Agent, buyer: Buyer, lines: string[]): Promise<void> {
  for (const line of lines) {
    const text = line.slice(2)
    if (line.startsWith('#')) await agent.note(text)
    else if (line.startsWith('<')) await agent.say(text)
    else await buyer.say(text)
    if (line.startsWith('#')) await until(`the note ${text}`, async () => (await agent.notes()).includes(text))
    else await until(`${text} on both sides`, async () => (await both(agent, buyer)).every((one) => one.at(-1)?.endsWith(text)))
  }
}

async function both(agent: Agent, buyer: Buyer): Promise<string[][]> {
  return [await agent.talk(), await buyer.talk()]
}

/** The same buyer with the same token, on a phone; put away afterwards, so that it reads nothing more. */
async function onPhone(world: World, buyer: Buyer, lang: 'zh-CN' | 'en', name: string): Promise<void> {
  const state = await buyer.page.context().storageState()
  const page = await world.page({ who: 'phone', lang }, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, storageState: state })
  await page.goto(`${world.server.origin}/chat/demo`)
  await page.locator('xiaoer-chat header small svg').waitFor()
  await page.locator('xiaoer-chat .row.me').last().waitFor()
  await picture(page, name)
  await page.context().close()
}

async function picture(page: Page, name: string): Promise<void> {
  const path = `${TO}${name}.png`
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path, animations: 'disabled', caret: 'hide', scale: 'css' })
  const { size } = await stat(path)
  check(size < BYTES_MAX, `${name}.png has ${size} bytes`)
  console.log(`docs/screens/${name}.png  ${Math.round(size / 1000)} kB`)
}
