/** The frame around the talk: lists, settings, keys, finding, the phone, and the shell without a server. */

import { isAccessible } from '../axe.ts'
import type { Agent } from '../agent.ts'
import type { Journey } from '../journey.ts'
import { check, same, until } from '../until.ts'

const choices: Journey = {
  fact: 'what a person chooses holds at once, on every desk of theirs, and keys can be given and taken away',
  async run(world) {
    const here = await world.agent('xiaoman')
    const there = await world.agent('xiaoman')
    await here.at('rail-house').click()
    await here.at('house-settings').click()
    await here.at('set-theme').waitFor()
    await isAccessible(here.page, 'the settings')
    await here.page.locator('[data-testid=set-theme] label', { hasText: '深色' }).click()
    await here.page.locator('[data-testid=set-rows] label', { hasText: '一行' }).click()
    await same('the theme at once', () => theme(here), 'dark')
    await isAccessible(here.page, 'the settings in the dark')

    const longest = here.at('key-longest')
    await longest.locator('.press').click()
    await here.page.keyboard.press('Alt+ArrowDown')
    await until('the conflict to be named', () => longest.getByText('下一位').isVisible())
    await longest.locator('.press').click()
    await here.page.keyboard.press('Control+Shift+L')
    await same('the new keys', async () => (await longest.locator('.press').textContent())?.trim(), 'Ctrl Shift L')

    await here.page.waitForResponse((answer) => answer.url().endsWith('/me/preferences') && answer.request().method() === 'POST')
    await there.page.reload()
    await there.isConnected()
    await same('the theme at the other desk', () => theme(there), 'dark')
    await there.page.locator('body').click({ position: { x: 640, y: 20 } })
    await there.page.keyboard.press('?')
    await until('the table of keys to show it', () => there.at('key-help').getByText('Ctrl Shift L').isVisible())
    await isAccessible(there.page, 'the table of keys')
  },
}

const theme = (agent: Agent): Promise<string | undefined> => agent.page.evaluate(() => document.documentElement.dataset.theme)

const lists: Journey = {
  fact: 'left messages, stages and filters show whom to serve, and one field finds everything and runs every command',
  async run(world) {
    const early = await world.buyerOnPhone({ who: 'early' })
    await early.say('昨晚下的单能改地址吗')
    const agent = await world.agent('xiaoman')
    await agent.list('left')
    await agent.row('能改地址').waitFor()
    check(await agent.row('能改地址').getByText('售前').isVisible(), 'the row does not show the stage')

    await agent.search('接入等最久')
    await agent.at('found-deed').first().click()
    await same('the command took the buyer', () => agent.at('session-state').getAttribute('data-state'), 'mine')
    await agent.isLoaded()
    await agent.say('可以的，发我新地址')
    await agent.list('all')
    await agent.row('发我新地址').waitFor()
    await agent.at('filter-unread').click()
    await until('nothing unread is left', () => agent.at('list').isHidden())
    await agent.at('filter-clear').click()
    await agent.row('发我新地址').waitFor()
    await isAccessible(agent.page, 'the list with its filters')

    await agent.search('地址')
    await agent.at('found-entry').first().waitFor()
    await agent.at('kind-deed').click()
    await until('messages to give way to commands', async () => (await agent.at('found-entry').count()) === 0)
    await agent.at('kind-entry').click()
    await isAccessible(agent.page, 'the palette', '[data-testid=search]')
    await agent.at('found-entry').last().click()
    await until('the hit in the thread', () => agent.log.getByText('昨晚下的单能改地址吗').isVisible())
  },
}

const PHONE = { width: 390, height: 844 }

const phone: Journey = {
  fact: 'on a phone a leader reads, answers, hands over and closes on stacked screens, and Back walks down the stack',
  async run(world) {
    const colleague = await world.agent('guyu')
    const agent = await world.agent('xiaoman')
    await agent.page.setViewportSize(PHONE)
    await agent.become('available')
    const buyer = await world.buyerOnPhone({ who: 'buyer' })
    await buyer.say('码数不对想换')
    await isAccessible(agent.page, 'the list on a phone')
    await agent.row('码数不对').click()
    await agent.isLoaded()
    await isAccessible(agent.page, 'the thread on a phone')
    await agent.say('可以换的')
    await same('the answer', async () => (await buyer.talk()).at(-1), '客服: 可以换的')
    await agent.page.goBack()
    await agent.at('list').waitFor()
    check(!(await agent.log.isVisible()), 'the thread still stands after Back')
    await agent.page.goForward()
    await agent.isLoaded()
    await agent.at('account-menu').locator('button').first().click()
    await agent.at('menu-page-settings').click()
    await agent.at('page-settings').waitFor()
    await isAccessible(agent.page, 'the settings on a phone')
    await agent.page.goBack()
    await agent.isLoaded()
    await colleague.become('available')
    await agent.at('hand-over').click()
    await agent.at('hand-over-panel').getByRole('radio', { name: '谷雨' }).click()
    await agent.at('hand-over-submit').click()
    await colleague.at('transfer-accept').click()
    await same('it is with the colleague', () => agent.at('session-state').getAttribute('data-state'), 'other')
    const width = await agent.page.evaluate(() => document.documentElement.scrollWidth)
    check(width <= PHONE.width, `the page is ${width} px wide`)
  },
}

const shell: Journey = {
  fact: 'the desk opens without its server and says so, and shows the shop again when it is back',
  async run(world) {
    const gateway = await world.gateway()
    const agent = await world.agent('xiaoman', { origin: gateway.origin })
    await until('the shell to be kept', () => agent.page.evaluate(async () => Boolean((await navigator.serviceWorker.ready).active && (await caches.keys()).length)))
    gateway.refuseEverything()
    await agent.page.reload()
    await agent.at('unreachable').waitFor()
    await isAccessible(agent.page, 'the page without a server')
    gateway.letThrough()
    await agent.at('unreachable').getByRole('button').click()
    await agent.isConnected()
    const kept = await agent.page.evaluate(async () => {
      const urls = await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)))
      return urls.flat()
    })
    check(kept.every((path) => path.startsWith('/desk/')), `something of the shop is kept: ${kept.join()}`)
    const ways = await Promise.all(['sw.js', 'manifest.webmanifest', ''].map(async (name) => (await fetch(`${world.server.origin}/desk/${name}`)).headers.get('cache-control')))
    check(ways.every((way) => way === 'no-cache'), `an upgrade would be hidden: ${ways.join()}`)
  },
}

export const desk: Journey[] = [choices, lists, phone, shell]
