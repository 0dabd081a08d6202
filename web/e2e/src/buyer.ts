/** A buyer before the chat, as a person uses it: sees lines, types, presses Enter. */

import type { BrowserContext, Locator, Page } from 'playwright-core'
import { until } from './until.ts'

/** One line on a screen: who speaks as the screen says it, and how far it got. */
export interface Seen {
  by: 'me' | 'other' | 'shop' | 'system'
  text: string
  /** Of own lines. */
  state?: string
}

export class Buyer {
  readonly page: Page
  readonly window: Locator
  readonly field: Locator
  #where: 'corner' | 'page'

  constructor(page: Page, where: 'corner' | 'page') {
    this.page = page
    this.#where = where
    this.window = page.locator('xiaoer-chat section.w')
    this.field = this.window.locator('textarea')
  }

  get context(): BrowserContext {
    return this.page.context()
  }

  async open(): Promise<void> {
    await this.page.locator('xiaoer-chat .launch').click()
    await this.isReady()
  }

  async close(): Promise<void> {
    await this.window.locator('header button').last().click()
    await this.window.waitFor({ state: 'hidden' })
  }

  /** Connected once: the header says who is there. */
  async isReady(): Promise<void> {
    await this.window.locator('header small svg').waitFor()
  }

  async say(text: string): Promise<void> {
    await this.write(text)
    await this.field.press('Enter')
    await until(`the field to be empty after ${text}`, async () => (await this.field.inputValue()) === '')
  }

  /** Puts text into the field as an input method would, without sending. */
  async write(text: string): Promise<void> {
    await this.field.focus()
    await this.page.keyboard.insertText(text)
    await until(`${text} in the field`, async () => (await this.field.inputValue()).endsWith(text))
  }

  /** Everything in the log but the times. */
  async seen(): Promise<Seen[]> {
    return this.window.locator('.log').evaluate((log) => {
      const spoken = (row: Element): Seen => {
        const text = row.querySelector('.say')?.textContent ?? ''
        const has = (name: string) => row.classList.contains(name)
        if (has('auto') || has('robot')) return { by: 'shop', text }
        if (!has('me')) return { by: 'other', text }
        return { by: 'me', text, state: ['waiting', 'sent', 'read', 'failed'].find(has) ?? '' }
      }
      return [...log.querySelectorAll('.row')]
        .filter((row) => !/^(今天|昨天|Today|Yesterday) /.test(row.textContent))
        .map((row) => (row.querySelector('.say') ? spoken(row) : { by: 'system' as const, text: row.textContent }))
    })
  }

  /** What people said, in order: `我:` and `对方:`. */
  async talk(): Promise<string[]> {
    return talkOf(await this.seen(), '买家', '客服')
  }

  async stateOf(text: string): Promise<string | undefined> {
    return (await this.seen()).findLast((line) => line.text === text)?.state
  }

  line(text: string): Locator {
    return this.window.locator('.row', { has: this.page.locator('.say', { hasText: text }) })
  }

  /** Presses the dots of a line that has arrived; what they offer. */
  async menuOf(text: string): Promise<string[]> {
    const row = this.line(text)
    await until(`${text} to be delivered`, async () => (await row.getAttribute('class'))?.includes('waiting') === false)
    await row.hover()
    await row.locator('.act').click()
    await this.window.locator('.menu').waitFor()
    return this.window.locator('.menu button').allTextContents()
  }

  /** The menu behind the dots of the window. */
  async openMenu(): Promise<void> {
    await this.window.locator('header').locator('[aria-haspopup=menu]').click()
    await this.window.locator('.menu').waitFor()
  }

  async closeMenu(): Promise<void> {
    await this.page.keyboard.press('Escape')
    await this.window.locator('.menu').waitFor({ state: 'detached' })
  }

  async act(text: string, label: string): Promise<void> {
    await this.menuOf(text)
    await this.window.locator('.menu button', { hasText: label }).click()
  }

  async reload(): Promise<void> {
    await this.page.reload()
    if (this.#where === 'corner') await this.open()
    else await this.isReady()
  }
}

/** The lines of people, the same words on both sides so that they can be compared. */
export function talkOf(lines: Seen[], me: string, other: string): string[] {
  return lines.filter(({ by }) => by === 'me' || by === 'other').map(({ by, text }) => `${by === 'me' ? me : other}: ${text}`)
}
