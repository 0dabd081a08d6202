/** What the filters of "all" ask of the server. */
import type { WaitThresholds } from '@xiaoer/ui'
import type { AllFilter } from './conversations'

const DAY_MS = 86_400_000

export function filterQuery(filter: AllFilter, waiting: WaitThresholds, zone: string): Record<string, string | number | boolean | undefined> {
  const from = filter.day ? dayStart_us(filter.day, zone) : undefined
  const next = filter.day ? dayStart_us(new Date(Date.parse(filter.day) + DAY_MS).toISOString().slice(0, 10), zone) : undefined
  const waited = filter.step && { 1: waiting.notice_s, 2: waiting.urgent_s, 3: waiting.overdue_s }[filter.step]
  return { unread: filter.unread || undefined, stage: filter.stage, waited_s: waited, agent: filter.agent, tag: filter.tag, from, until: next }
}

/** The moment at which a day begins in a zone, microseconds. */
export function dayStart_us(day: string, zone: string): number {
  const utc_ms = Date.parse(`${day}T00:00:00Z`)
  // The offset is that of the answer itself: a second look settles days on which clocks change.
  let at = utc_ms - offset_ms(utc_ms, zone)
  at = utc_ms - offset_ms(at, zone)
  return at * 1000
}

function offset_ms(at_ms: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }).formatToParts(at_ms)
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value)
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - at_ms
}
