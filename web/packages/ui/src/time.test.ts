import { describe, expect, it } from 'vitest'
import { clockTime, dayDate, dayWord, isoDay, sameDay, shortDate, wallTime } from './time'

const at = (iso: string) => Date.parse(iso) * 1000
const reading = { now: at('2025-11-23T04:00:00Z'), zone: 'Asia/Shanghai', locale: 'zh-CN' }

describe('times', () => {
  it('are written in the zone of the shop, not of the device', () => {
    expect(clockTime(at('2025-11-23T06:26:00Z'), reading)).toBe('14:26')
    const london = { ...reading, zone: 'Europe/London', locale: 'en' }
    expect(clockTime(at('2025-11-23T06:26:00Z'), london)).toBe('06:26')
  })

  it('of date fields are read on the clock of the shop', () => {
    expect(wallTime('2025-11-23T14:26', 'Asia/Shanghai')).toBe(at('2025-11-23T06:26:00Z'))
    expect(wallTime('2025-07-01', 'Europe/London')).toBe(at('2025-06-30T23:00:00Z'))
    expect(wallTime('2026-03-29T03:30', 'Europe/Berlin')).toBe(at('2026-03-29T01:30:00Z'))
    expect(wallTime('', 'Asia/Shanghai')).toBeNaN()
  })

  it('write midnight as 00', () => {
    expect(clockTime(at('2025-11-22T16:05:00Z'), reading)).toBe('00:05')
  })

  it('know today and yesterday by the day of the shop', () => {
    expect(dayWord(at('2025-11-22T16:00:01Z'), reading)).toBe('today')
    expect(dayWord(at('2025-11-22T15:59:59Z'), reading)).toBe('yesterday')
    expect(dayWord(at('2025-11-20T00:00:00Z'), reading)).toBeUndefined()
  })

  it('show the weekday this year and the year otherwise', () => {
    expect(dayDate(at('2025-11-18T04:00:00Z'), reading)).toBe('11月18日周二')
    expect(dayDate(at('2010-12-01T04:00:00Z'), reading)).toBe('2010年12月1日')
  })

  it('are short in rows', () => {
    expect(shortDate(at('2025-11-18T04:00:00Z'), reading)).toBe('11-18')
    expect(shortDate(at('2010-12-01T04:00:00Z'), reading)).toBe('2010-12-01')
  })

  it('fall back to UTC for a zone the browser does not know', () => {
    expect(isoDay(at('2025-11-23T23:00:00Z'), 'Mars/Olympus')).toBe('2025-11-23')
  })

  it('separate days at midnight of the shop', () => {
    const before = at('2025-11-22T15:59:59Z')
    const after = at('2025-11-22T16:00:00Z')
    expect(sameDay(before, after, 'Asia/Shanghai')).toBe(false)
    expect(sameDay(before, after, 'UTC')).toBe(true)
  })
})
