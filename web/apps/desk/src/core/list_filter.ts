/** What the filters of "all" ask of the server. */
import { wallTime, type WaitThresholds } from '@xiaoer/ui'
import type { AllFilter } from './conversations'

const DAY_MS = 86_400_000

export function filterQuery(filter: AllFilter, waiting: WaitThresholds, zone: string): Record<string, string | number | boolean | undefined> {
  const from = filter.day ? wallTime(filter.day, zone) : undefined
  const next = filter.day ? wallTime(new Date(Date.parse(filter.day) + DAY_MS).toISOString().slice(0, 10), zone) : undefined
  const waited = filter.step && { 1: waiting.notice_s, 2: waiting.urgent_s, 3: waiting.overdue_s }[filter.step]
  return { unread: filter.unread || undefined, stage: filter.stage, waited_s: waited, agent: filter.agent, tag: filter.tag, from, until: next }
}
