/** Writing a reply: phrases found by pinyin and filled in for this buyer, cards of products and orders, all by keyboard. */

import type { Agent } from '../agent.ts'
import type { Journey } from '../journey.ts'
import { check, same, until } from '../until.ts'

const PHRASES = [
  { code: '', title: '暮光发货', text: '{买家}您好，今天付款今晚就发出' },
  { code: 'kdzz', title: '快递说明', text: '这单走 {courier}，到了先验货再签收' },
]

const reply: Journey = {
  fact: 'an agent answers with a phrase found by pinyin, a product and the order, without touching the mouse',
  async run(world) {
    const buyer = await world.buyerAtShop({ who: '3001' })
    await buyer.page.locator('#customer').fill('3001')
    await buyer.page.locator('#who [type=submit]').click()
    await buyer.isReady()
    const agent = await world.agent('xiaoman')
    await agent.become('available')
    await buyer.say('今天拍什么时候发')
    await agent.open('今天拍什么时候发')
    for (const phrase of PHRASES) await add(agent, phrase)

    const { keyboard } = agent.page
    await agent.text.focus()
    await keyboard.type('/')
    const search = agent.at('phrase-search')
    await search.waitFor()
    await until('the search to have the focus', () => search.evaluate((field) => field === document.activeElement))
    await keyboard.type('mgfh')
    await until('one phrase', async () => (await agent.at('phrase').count()) === 1)
    await keyboard.press('Enter')
    await until('the words for this buyer', async () => /^(?!\{).*您好，今天付款今晚就发出$/.test(await agent.text.inputValue()))
    const said = await agent.text.inputValue()
    await keyboard.press('Enter')
    await same('the buyer reads it', async () => (await buyer.talk()).at(-1), `客服: ${said}`)

    await keyboard.press('Control+/')
    await search.waitFor()
    await keyboard.type('kdzz')
    await until('the phrase by its code', async () => (await agent.at('phrase').count()) === 1)
    await keyboard.press('Enter')
    await until('what is not known is chosen', () => agent.text.evaluate((field: HTMLTextAreaElement) => field.value.slice(field.selectionStart, field.selectionEnd) === '{courier}'))
    await keyboard.insertText('中通')
    await keyboard.press('Enter')
    await same('with the word that was missing', async () => (await buyer.talk()).at(-1), '客服: 这单走 中通，到了先验货再签收')

    await keyboard.press('Alt+p')
    await agent.at('card-search').waitFor()
    await until('products', async () => (await agent.at('card-choice').count()) > 0)
    const product = (await agent.at('card-choice').first().locator('.line').first().textContent()) ?? ''
    check(product !== '', 'a product has a title')
    await keyboard.press('Enter')
    await until('the product at the buyer', () => buyer.window.getByText(product).first().isVisible())

    await keyboard.press('Alt+o')
    await until('orders', async () => (await agent.at('card-choice').count()) > 0)
    const number = (await agent.at('card-choice').first().locator('.num').first().textContent()) ?? ''
    await keyboard.press('Enter')
    await until('the order at the buyer', () => buyer.window.getByText(number).first().isVisible())
    await until('the focus is back', () => agent.text.evaluate((field) => field === document.activeElement))
  },
}

/** By the same route as the page of phrases. */
async function add(agent: Agent, phrase: { code: string; title: string; text: string }): Promise<void> {
  const status = await agent.page.evaluate(async (body) => {
    const answer = await fetch('/api/v1/shops/demo/phrases', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    return answer.status
  }, { scope: 'personal', folder: null, ...phrase })
  check(status === 200, `the phrase was refused with ${status}`)
}

export const writing: Journey[] = [reply]
