/* Sentences and times in the reader's language. Chinese is built in, the other language is fetched when it is wanted. */

import { fill, type Lang } from '@xiaoer/i18n'
import type { MoreKey, MoreMessages } from '@xiaoer/i18n/widget_more/zh-CN.ts'
import chinese, { type WidgetKey, type WidgetMessages } from '@xiaoer/i18n/widget/zh-CN.ts'
import type { Entry, WireError } from '@xiaoer/realtime/shapes.ts'

export interface Words {
  lang: Lang
  t(key: WidgetKey | MoreKey, params?: Record<string, string | number | null>): string
  /** Takes the texts of the later parts in. */
  add(more: MoreMessages): void
}

export async function loadWords(lang: Lang): Promise<Words> {
  let messages: Partial<WidgetMessages & MoreMessages> = chinese
  if (lang === 'en') {
    try {
      messages = (await import('@xiaoer/i18n/widget/en.ts')).default
    } catch {
      lang = 'zh-CN'
    }
  }
  return {
    lang,
    t: (key, params) => fill((Object.hasOwn(messages, key) && messages[key]) || '', params),
    add: (more) => (messages = { ...messages, ...more }),
  }
}

/** The line for an entry that is not a message. Empty for what this version does not know, and for an opened session:
    the buyer has just spoken. */
export function sentenceOf(words: Words, { code = '', params = {}, at }: Entry): string {
  const due_at = Number(params.due_at)
  return words.t(code as WidgetKey, due_at ? { ...params, time: timeOf(words, due_at, at) } : params)
}

export function reasonOf({ t }: Words, { code, params = {} }: WireError): string {
  return t(`error_${code}` as WidgetKey, params) || t('error_other', { ...params, code })
}

/** 「今天 14:16」; the date for anything older than yesterday. `now_us` is the server's clock. */
export function timeOf({ lang, t }: Words, at_us: number, now_us: number, short = false): string {
  const at = new Date(at_us / 1000)
  const time = at.toLocaleTimeString(lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  if (short) return time
  const now = new Date(now_us / 1000)
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000)
  if (days === 0) return t('today', { time })
  if (days === 1) return t('yesterday', { time })
  const year = at.getFullYear() === now.getFullYear() ? undefined : ('numeric' as const)
  return `${at.toLocaleDateString(lang, { year, month: 'short', day: 'numeric' })} ${time}`
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}
