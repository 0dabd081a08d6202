/** What the first visit asks, and what the server is told of it. */
import type { components } from '@xiaoer/api/generated.ts'

export type FirstShop = components['schemas']['FirstShop']
export const KINDS = ['own_site', 'marketplace', 'mall'] as const

export interface Answers {
  setup_key: string
  shop: string
  name: string
  kind: string
  zone: string
  currency: string
  /** Times of day as a time field gives them. */
  opens: string
  closes: string
  origins: string
  owner: string
  login: string
  password: string
}

const NEEDED = ['setup_key', 'name', 'shop', 'zone', 'currency', 'owner', 'login', 'password'] as const

/** What is still empty, in the order of the page. */
export function missingIn(answers: Answers): string[] {
  return NEEDED.filter((name) => !answers[name].trim())
}

/** Minutes since midnight; midnight as an end is the end of the day. */
export function minuteOf(time: string, isEnd = false): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  const total = hour * 60 + minute
  return isEnd && total === 0 ? 24 * 60 : total
}

export function firstShopOf(answers: Answers, lang: string): FirstShop {
  const { opens, closes, ...told } = answers
  return { ...told, currency: told.currency.trim().toUpperCase(), opens_minute: minuteOf(opens), closes_minute: minuteOf(closes, true), lang }
}

/** The line that a shop puts into its pages. */
export function snippetOf(origin: string, shop: string): string {
  return `<script src="${origin}/widget.js" data-shop="${shop}" async></` + 'script>'
}
