/** An agent at the desk. */

import type { Locator, Page } from 'playwright-core'
import { talkOf, type Seen } from './buyer.ts'
import { same, until } from './until.ts'

const PASSWORDS = { xiaoman: 'xiaoman-demo', guyu: 'guyu-demo-1', bailu: 'bailu-demo', xiaoxue: 'xiaoxue-demo', owner: 'owner-demo' }
export type Login = keyof typeof PASSWORDS

export class Agent {
  readonly page: Page
  readonly login: Login
  readonly text: Locator
  readonly log: Locator

  constructor(page: Page, login: Login) {
    this.page = page
    this.login = login
    this.text = this.at('composer-text')
    this.log = this.at('thread-log')
  }

  at(mark: string): Locator {
    return this.page.getByTestId(mark)
  }

  async signIn(): Promise<void> {
    await this.at('sign-in-login').fill(this.login)
    await this.at('sign-in-password').fill(PASSWORDS[this.login])
    await this.at('sign-in-submit').click()
  }

  async isConnected(...states: string[]): Promise<void> {
    const wanted = states.length ? states : ['ready']
    const look = async () => wanted.includes((await this.at('connection').getAttribute('data-state')) ?? '')
    await until(`the connection at the desk to be ${wanted.join(' or ')}`, look)
  }

  async become(state: 'available' | 'away'): Promise<void> {
    const button = this.at('my-state')
    await button.locator('button').first().click()
    await this.at(`menu-${state}`).click()
    await same(`the state of ${this.login}`, () => button.getAttribute('data-state'), state)
  }

  row(text: string): Locator {
    return this.at('list').locator('[role=option]', { hasText: text })
  }

  async list(tab: 'mine' | 'queue' | 'left' | 'all'): Promise<void> {
    await this.at(`tab-${tab}`).click()
  }

  /** Opens the conversation whose row shows `text`. */
  async open(text: string): Promise<void> {
    const row = this.row(text)
    await row.click()
    await same(`the row with ${text} to be open`, () => row.getAttribute('aria-selected'), 'true')
    await this.isLoaded()
  }

  async isLoaded(): Promise<void> {
    await this.log.locator('[data-testid=bubble], [data-testid=recalled]').first().waitFor()
  }

  async say(text: string): Promise<void> {
    await this.write(text)
    await this.text.press('Enter')
    await until(`the composer to be empty after ${text}`, async () => (await this.text.inputValue()) === '')
  }

  async note(text: string): Promise<void> {
    await this.at('lane-staff').click()
    await this.say(text)
    await this.at('lane-buyer').click()
  }

  async write(text: string): Promise<void> {
    await this.text.focus()
    await this.page.keyboard.insertText(text)
    await until(`${text} in the composer`, async () => (await this.text.inputValue()).endsWith(text))
  }

  /** Lines of the open conversation that the buyer sees too. `me` is the shop's side, whoever of it. */
  async seen(): Promise<Seen[]> {
    return this.log.evaluate((log) => {
      const marks = 'bubble system-line recalled pending'.split(' ').map((mark) => `[data-testid=${mark}]`)
      return [...log.querySelectorAll<HTMLElement>(marks.join())]
        .filter(({ dataset }) => dataset.lane !== 'staff')
        .map((element): Seen => {
          const { testid, side, state = '' } = element.dataset
          const text = element.querySelector('.b')?.textContent ?? element.textContent
          if (testid === 'pending') return { by: 'me', text, state }
          if (testid !== 'bubble') return { by: 'system', text: element.querySelector('span:last-child')?.textContent ?? '' }
          return side === 'buyer' ? { by: 'other', text } : { by: 'me', text, state }
        })
    })
  }

  async talk(): Promise<string[]> {
    return talkOf(await this.seen(), '客服', '买家')
  }

  async notes(): Promise<string[]> {
    return this.log.locator('[data-lane=staff] p').allTextContents()
  }

  async stateOf(text: string): Promise<string | undefined> {
    return (await this.seen()).findLast((line) => line.text === text)?.state
  }

  async openMenuOf(text: string): Promise<void> {
    const bubble = this.log.locator('[data-lane=buyer]', { hasText: text })
    await bubble.hover()
    await bubble.getByTestId('line-menu').locator('button').first().click()
    await this.at('menu-copy').waitFor()
  }

  async act(text: string, choice: 'copy' | 'recall'): Promise<void> {
    await this.openMenuOf(text)
    await this.at(`menu-${choice}`).click()
  }

  async search(words: string): Promise<void> {
    if (!(await this.at('search-text').isVisible())) await this.at('search-open').click()
    await this.at('search-text').fill(words)
  }

  async reload(): Promise<void> {
    await this.page.reload()
    await this.isConnected()
    await this.isLoaded()
  }
}
