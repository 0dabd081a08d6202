import { describe, expect, it } from 'vitest'
import { NO_FILTER } from './conversations'
import { wallTime } from '@xiaoer/ui'
import { filterQuery } from './list_filter'

const WAITING = { notice_s: 30, urgent_s: 100, overdue_s: 180 }
const iso = (micros: number): string => new Date(micros / 1000).toISOString()

describe('filters of all', () => {
  it('ask for nothing when nothing is chosen', () => {
    expect(Object.values(filterQuery(NO_FILTER, WAITING, 'Asia/Shanghai')).filter((value) => value !== undefined)).toEqual([])
  })

  it('name the seconds of a step and the whole day of the shop', () => {
    const query = filterQuery({ ...NO_FILTER, step: 2, day: '2026-09-30' }, WAITING, 'Asia/Shanghai')
    expect(query.waited_s).toBe(100)
    expect([iso(query.from as number), iso(query.until as number)]).toEqual(['2026-09-29T16:00:00.000Z', '2026-09-30T16:00:00.000Z'])
  })

  it('know days on which clocks change', () => {
    expect(iso(wallTime('2026-03-30', 'Europe/Berlin'))).toBe('2026-03-29T22:00:00.000Z')
    expect(iso(wallTime('2026-03-29', 'Europe/Berlin'))).toBe('2026-03-28T23:00:00.000Z')
  })
})
