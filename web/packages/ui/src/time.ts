/**
 * Times for people, always in the zone of the shop. A time is microseconds since 1970 UTC; `now` is the
 * server's clock, so that 今天 is the same day for everybody who looks at the shop.
 */

export interface Reading {
  now: number
  zone: string
  locale: string
}

export type DayWord = 'today' | 'yesterday'

const MICROS_PER_MILLI = 1000

/** `14:26` */
export function clockTime(at: number, { zone, locale }: Reading): string {
  return part(at, zone, locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
}

/** `14:26:02` */
export function clockSeconds(at: number, { zone, locale }: Reading): string {
  return part(at, zone, locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
}

/** Whether two times fall on the same day of the shop. */
export function sameDay(a: number, b: number, zone: string): boolean {
  return dayNumber(a, zone) === dayNumber(b, zone)
}

/** A word for today and yesterday, otherwise nothing: the caller then writes `dayDate`. */
export function dayWord(at: number, { now, zone }: Reading): DayWord | undefined {
  const distance = dayNumber(now, zone) - dayNumber(at, zone)
  if (distance === 0) return 'today'
  if (distance === 1) return 'yesterday'
  return undefined
}

/** `11月18日周三`, with the year when it is another one. */
export function dayDate(at: number, { now, zone, locale }: Reading): string {
  const thisYear = isoDay(now, zone).slice(0, 4) === isoDay(at, zone).slice(0, 4)
  return part(at, zone, locale, {
    ...(thisYear ? { weekday: 'short' } : { year: 'numeric' }),
    month: 'short',
    day: 'numeric',
  })
}

/** `11-18` this year, `2010-12-01` before: a narrow date for list rows. */
export function shortDate(at: number, { now, zone }: Reading): string {
  const day = isoDay(at, zone)
  return day.slice(0, 4) === isoDay(now, zone).slice(0, 4) ? day.slice(5) : day
}

/** `2010-12-01` */
export function isoDay(at: number, zone: string): string {
  return part(at, zone, 'sv-SE', { year: 'numeric', month: '2-digit', day: '2-digit' })
}

/** The moment that `2026-11-28` or `2026-11-28T09:30` is in a zone, as date fields give it; NaN for what is no date. */
export function wallTime(local: string, zone: string): number {
  const utc_ms = Date.parse(`${local.includes('T') ? local : `${local}T00:00`}Z`)
  if (Number.isNaN(utc_ms)) return Number.NaN
  // The offset is that of the answer itself: a second look settles days on which clocks change.
  let at = utc_ms - offset_ms(utc_ms, zone)
  at = utc_ms - offset_ms(at, zone)
  return at * MICROS_PER_MILLI
}

function offset_ms(at_ms: number, zone: string): number {
  const at_s = Math.floor(at_ms / 1000) * 1000
  return Date.parse(`${part(at_s * MICROS_PER_MILLI, zone, 'sv-SE', { dateStyle: 'short', timeStyle: 'medium' }).replace(' ', 'T')}Z`) - at_s
}

function dayNumber(at: number, zone: string): number {
  return Math.round(Date.parse(`${isoDay(at, zone)}T00:00:00Z`) / 86_400_000)
}

/** Making a formatter is slow, using one is not. There are a handful of shapes, zones and languages. */
const FORMATTERS_MAX = 64
const formatters = new Map<string, Intl.DateTimeFormat>()

function part(
  at: number,
  zone: string,
  locale: string,
  shape: Intl.DateTimeFormatOptions,
): string {
  const key = `${locale}|${zone}|${JSON.stringify(shape)}`
  let format = formatters.get(key)
  if (!format) {
    if (formatters.size >= FORMATTERS_MAX) formatters.clear()
    format = new Intl.DateTimeFormat(locale, { ...shape, timeZone: known(zone) })
    formatters.set(key, format)
  }
  return format.format(at / MICROS_PER_MILLI)
}

function known(zone: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return zone
  } catch {
    return 'UTC'
  }
}
