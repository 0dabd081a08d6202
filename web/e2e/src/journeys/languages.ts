/** Both languages everywhere: a walk through the states of desk, window and shop with a proofreader at one's side. */

import type { Journey } from '../journey.ts'
import { Proofreader, type Lang } from '../languages.ts'
import { check, same, until } from '../until.ts'
import type { World } from '../world.ts'

/** Words of the walk that differ by language. */
const WALK = {
  'zh-CN': { first: '在吗', second: '可以退吗', answer: '可以', gone: '打错了', go: '以此身份继续', recall: '撤回', copy: '复制', seen: '访客' },
  en: { first: 'Hello?', second: 'Can I return it?', answer: 'Yes, of course', gone: 'wrong line', go: 'Continue as this customer', recall: 'Unsend', copy: 'Copy', seen: 'Visitor' },
}

function inOneLanguage(lang: Lang): Journey {
  return {
    fact: `every string of desk, window and shop is ${lang === 'en' ? 'English' : 'Chinese'} for whoever wants ${lang}`,
    async run(world) {
      const reader = new Proofreader(lang)
      await walk(world, lang, reader)
      check(reader.strings > 300, `only ${reader.strings} strings were read`)
      check(reader.wrong.length === 0, `not in ${lang}:\n      ${reader.wrong.join('\n      ')}`)
    },
  }
}

async function walk(world: World, lang: Lang, reader: Proofreader): Promise<void> {
  const say = WALK[lang]
  const gateway = await world.gateway()
  const origin = gateway.origin

  const buyer = await world.buyerAtShop({ who: 'buyer', lang, origin })
  await reader.read(buyer.page, 'shop page')
  await buyer.open()
  await reader.read(buyer.page, 'window, nobody there')
  await buyer.say(say.first)
  await until('the notice', async () => (await buyer.seen()).length >= 2)
  await reader.read(buyer.page, 'window, notice')
  check((await buyer.menuOf(say.first)).includes(say.recall), 'the line cannot be taken back')
  await reader.read(buyer.page, 'window, menu of a line')
  await buyer.closeMenu()
  await buyer.openMenu()
  await reader.read(buyer.page, 'window, menu')
  await buyer.closeMenu()

  const page = await world.page({ who: 'stranger', lang }, { viewport: { width: 1280, height: 800 } })
  await page.goto(`${origin}/desk/`)
  await page.getByTestId('sign-in-form').waitFor()
  await reader.read(page, 'sign-in')
  await page.getByTestId('sign-in-submit').click()
  await reader.read(page, 'sign-in, nothing filled in')
  await page.getByTestId('sign-in-login').fill('xiaoman')
  await page.getByTestId('sign-in-password').fill('not the password')
  await page.getByTestId('sign-in-submit').click()
  await page.getByTestId('sign-in-error').waitFor()
  await reader.read(page, 'sign-in, wrong password')
  await page.context().close()

  const agent = await world.agent('xiaoman', { lang, origin })
  for (const tab of ['mine', 'queue', 'left', 'all'] as const) {
    await agent.list(tab)
    await reader.read(agent.page, `desk, ${tab}`)
  }
  await agent.list('left')
  await agent.open(say.seen)
  await reader.read(agent.page, 'desk, queued')
  await agent.at('my-state').locator('button').first().click()
  await reader.read(agent.page, 'desk, menu of my state')
  await agent.at('menu-available').click()
  await agent.list('mine')
  await agent.row(say.seen).waitFor()
  await until('the header to name the agent', async () => (await buyer.window.locator('header b').textContent()) === '小满')
  await reader.read(buyer.page, 'window, served')
  await agent.at('why').click()
  await reader.read(agent.page, 'desk, why')

  await agent.say(say.answer)
  await agent.note(say.answer)
  await agent.at('lane-staff').click()
  await reader.read(agent.page, 'desk, note')
  await agent.at('lane-buyer').click()
  await agent.write(say.answer.repeat(Math.ceil(41_000 / say.answer.length)))
  await until('the composer says how much is too much', async () => (await agent.at('char-count').getAttribute('role')) === 'alert')
  await reader.read(agent.page, 'desk, text too long')
  await agent.text.fill('')
  await agent.say(say.gone)
  await agent.act(say.gone, 'recall')
  await agent.at('recalled').waitFor()
  await until('the window shows it', async () => (await buyer.seen()).filter(({ by }) => by === 'system').length >= 2)
  await buyer.say(say.gone)
  await buyer.act(say.gone, say.recall)
  await same('both taken back', () => agent.at('recalled').count(), 2)
  await reader.read(agent.page, 'desk, taken back')
  await reader.read(buyer.page, 'window, taken back')
  await agent.openMenuOf(say.answer)
  await reader.read(agent.page, 'desk, menu of a line')
  await agent.page.keyboard.press('Escape')

  await agent.at('hand-over').click()
  await agent.at('hand-over-panel').getByRole('radio').first().waitFor()
  await reader.read(agent.page, 'desk, hand over')
  await agent.page.keyboard.press('Escape')
  await agent.at('account-menu').locator('button').first().click()
  await reader.read(agent.page, 'desk, menu of the account')
  await agent.at('menu-help').click()
  await agent.at('key-help').waitFor()
  await reader.read(agent.page, 'desk, keys')
  await agent.page.keyboard.press('Escape')
  await agent.at('search-open').click()
  await reader.read(agent.page, 'desk, search')
  await agent.search('龘')
  await until('nothing is found', () => agent.at('search').locator('.state').isVisible())
  await reader.read(agent.page, 'desk, nothing found')
  await agent.search(say.answer)
  await agent.at('found-entry').first().waitFor()
  await agent.search('20261266')
  await agent.at('found-order').first().waitFor()
  await reader.read(agent.page, 'desk, order found')
  await agent.page.keyboard.press('Escape')

  const customer = await world.buyerAtShop({ who: 'customer', lang, origin })
  await customer.page.locator('#customer').fill('3001')
  await customer.page.getByRole('button', { name: say.go }).click()
  await customer.isReady()
  await customer.say(say.second)
  await reader.read(customer.page, 'shop page, identified')
  await agent.open(say.second)
  await agent.at('order-20261266').waitFor()
  await reader.read(agent.page, 'desk, orders')
  await agent.at('close').click()
  await same('closed', () => agent.at('session-state').getAttribute('data-state'), 'closed')
  await until('the composer is closed', () => agent.at('composer-blocked').isVisible())
  await reader.read(agent.page, 'desk, closed')
  await until('the window says so', async () => (await customer.seen()).at(-1)?.by === 'system')
  await reader.read(customer.page, 'window, closed')

  const phone = await world.buyerOnPhone({ who: 'phone', lang, origin })
  await phone.say(say.first)
  await reader.read(phone.page, 'phone page')
  await agent.open(say.first)
  gateway.refuseEverything()
  await agent.isConnected('waiting')
  await phone.window.locator('.net button').waitFor()
  await phone.say(say.second)
  await agent.say(say.answer)
  await until('the desk says that it waits', () => agent.at('pending').locator('.meta').filter({ hasText: /\S/ }).isVisible())
  await reader.read(agent.page, 'desk, connection lost')
  await reader.read(phone.page, 'phone page, connection lost')
  await agent.search(say.answer)
  await until('the search fails', () => agent.at('search').locator('.state').isVisible())
  await reader.read(agent.page, 'desk, search failed')
}

const switching: Journey = {
  fact: 'an agent changes the language at the desk and finds it so after a reload',
  async run(world) {
    const agent = await world.agent('xiaoman')
    await same('Chinese at first', () => agent.at('tab-mine').textContent(), '我的 0')
    await agent.at('language-menu').locator('button').first().click()
    await agent.at('menu-en').click()
    await same('English at once', () => agent.at('tab-mine').textContent(), 'Mine 0')
    await agent.page.reload()
    await agent.isConnected()
    await same('English after a reload', () => agent.at('tab-mine').textContent(), 'Mine 0')
    await same('said to helpers too', () => agent.page.evaluate(() => document.documentElement.lang), 'en')
  },
}

export const languages: Journey[] = [inOneLanguage('zh-CN'), inOneLanguage('en'), switching]
