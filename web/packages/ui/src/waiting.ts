/**
 * The waiting scale: how long a buyer has waited, in four steps.
 * One scale for list, thread and (later) wall, so colour, shape and word always agree.
 */

export type WaitStep = 0 | 1 | 2 | 3

/** Where steps 1, 2 and 3 begin, in seconds. A shop may set its own. */
export interface WaitThresholds {
  notice_s: number
  urgent_s: number
  overdue_s: number
}

export const DEFAULT_WAIT_THRESHOLDS: WaitThresholds = {
  notice_s: 30,
  urgent_s: 100,
  overdue_s: 180,
}

const MICROS_PER_SECOND = 1_000_000
const MINUTE_S = 60
const HOUR_S = 3600
const DAY_S = 86_400

/** Whole seconds between two server times (microseconds); never negative. */
export function waitedSeconds(since: number, now: number): number {
  return Math.max(0, Math.floor((now - since) / MICROS_PER_SECOND))
}

export function waitStep(waited_s: number, limits: WaitThresholds): WaitStep {
  if (waited_s >= limits.overdue_s) return 3
  if (waited_s >= limits.urgent_s) return 2
  if (waited_s >= limits.notice_s) return 1
  return 0
}

/** `m:ss`, from an hour `h:mm:ss`; from a day the days alone, which the caller words. */
export function waitClock(waited_s: number): { text: string; days: number } {
  const days = Math.floor(waited_s / DAY_S)
  if (days >= 1) return { text: '', days }
  const hours = Math.floor(waited_s / HOUR_S)
  const minutes = Math.floor((waited_s % HOUR_S) / MINUTE_S)
  const seconds = two(waited_s % MINUTE_S)
  const text = hours > 0 ? `${hours}:${two(minutes)}:${seconds}` : `${minutes}:${seconds}`
  return { text, days: 0 }
}

/** Steps 2 and 3 and the open conversation move each second, the others every ten. */
export function ticksEachSecond(step: WaitStep, open: boolean): boolean {
  return open || step >= 2
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
