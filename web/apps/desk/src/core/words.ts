/** Sentences and figures in the reader's language: names, times, sums, what happened, what went wrong. */
import { ApiError } from '@xiaoer/api/client.ts'
import type { BuyerView, Entry, Row } from '@xiaoer/realtime'
import { clockSeconds, clockTime, dayDate, dayWord, formatExactPrice, formatMoney, isoDay, wallTime, shortDate, waitClock, type Reading, type WaitStep } from '@xiaoer/ui'
import { useI18n } from 'vue-i18n'
import { useClock } from './clock'
import { useSession } from './session'
import { useSettings } from './settings'

const VISITOR_SIGNS = 4

export function useWords() {
  const { t, te } = useI18n()
  const clock = useClock()
  const session = useSession()
  const settings = useSettings()

  /** Days turn at most once in ten seconds: times of rows need no quicker clock. */
  function reading(): Reading {
    return { now: clock.tenSeconds, zone: session.shop?.zone ?? 'UTC', locale: settings.locale }
  }

  function buyerName(buyer: BuyerView): string {
    const sign = buyer.id.replace(/^byr_/, '').slice(-VISITOR_SIGNS).toUpperCase()
    if (buyer.name && buyer.name !== buyer.ref) return buyer.name
    return buyer.ref ? t('buyer.customer', { ref: buyer.ref }) : t('buyer.visitor', { sign })
  }

  function wait(waited_s: number): string {
    const { text, days } = waitClock(waited_s)
    return days > 0 ? t('wait.days', { n: days }, days) : text
  }

  function waitWord(step: WaitStep): string {
    return t(`wait.step${step}`)
  }

  function rowTime(at: number): string {
    const now = reading()
    const word = dayWord(at, now)
    if (word === 'today') return clockTime(at, now)
    return word ? t('day.yesterday') : shortDate(at, now)
  }

  function dayName(at: number): string {
    const word = dayWord(at, reading())
    return word ? t(`day.${word}`) : dayDate(at, reading())
  }

  function preview(row: Row): string {
    const last = row.last
    if (!last) return t('preview.nothing')
    return (last.kind === 'message' && last.preview) || t('preview.recalled')
  }

  /** What the system did, from its code. */
  function sentence(entry: Entry): string {
    const params = { ...entry.params } as Record<string, unknown>
    const code = entry.code ?? ''
    if (code === 'taken' && params.from) return t('event.taken_from', params)
    return te(`event.${code}`) ? t(`event.${code}`, params) : t('event.other', { code })
  }

  function why(code: string, params: object = {}): string {
    return te(`why.${code}`) ? t(`why.${code}`, { ...params }) : t('why.other', { code })
  }

  function problem(cause: unknown): string {
    const failure = cause instanceof ApiError ? cause : undefined
    const code = typeof cause === 'string' ? cause : (failure?.code ?? 'internal')
    const text = te(`error.${code}`) ? t(`error.${code}`, { ...failure?.params }) : t('error.other', { code })
    return failure?.request && failure.status >= 500 ? `${text} ${t('error.request', { id: failure.request })}` : text
  }

  return {
    t,
    buyerName,
    wait,
    waitWord,
    rowTime,
    dayName,
    preview,
    sentence,
    why,
    problem,
    time: (at: number) => clockTime(at, reading()),
    seconds: (at: number) => clockSeconds(at, reading()),
    fullTime: (at: number) => `${isoDay(at, reading().zone)} ${clockSeconds(at, reading())}`,
    date: (at: number) => isoDay(at, reading().zone),
    /** What a date field holds, on the shop's clock. */
    moment: (local: string) => wallTime(local, reading().zone),
    money: (minor: number, currency: string) => formatMoney(minor, currency, settings.locale),
    exactPrice: (text: string, currency: string) => formatExactPrice(text, currency, settings.locale),
  }
}
