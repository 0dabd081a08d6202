import { describe, expect, it } from 'vitest'
import {
  DEFAULT_WAIT_THRESHOLDS as limits,
  ticksEachSecond,
  waitClock,
  waitedSeconds,
  waitStep,
} from './waiting'

describe('the waiting scale', () => {
  it('begins each step exactly at its threshold', () => {
    const steps = [0, 29, 30, 99, 100, 179, 180, 9999].map((s) => waitStep(s, limits))
    expect(steps).toEqual([0, 0, 1, 1, 2, 2, 3, 3])
  })

  it('follows the thresholds of the shop', () => {
    const strict = { notice_s: 5, urgent_s: 10, overdue_s: 15 }
    expect(waitStep(12, strict)).toBe(2)
  })

  it('never counts below zero when clocks disagree', () => {
    expect(waitedSeconds(5_000_000, 1_000_000)).toBe(0)
  })

  it('counts whole seconds of server time', () => {
    expect(waitedSeconds(1_000_000, 113_900_000)).toBe(112)
  })

  it('writes minutes and two-digit seconds', () => {
    expect(waitClock(0).text).toBe('0:00')
    expect(waitClock(112).text).toBe('1:52')
    expect(waitClock(3599).text).toBe('59:59')
  })

  it('adds hours after an hour and leaves only days after a day', () => {
    expect(waitClock(3661).text).toBe('1:01:01')
    expect(waitClock(2 * 86_400 + 5)).toEqual({ text: '', days: 2 })
  })

  it('ticks each second for urgent, overdue and open conversations only', () => {
    expect(ticksEachSecond(1, false)).toBe(false)
    expect(ticksEachSecond(1, true)).toBe(true)
    expect(ticksEachSecond(2, false)).toBe(true)
  })
})
