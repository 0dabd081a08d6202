import { describe, expect, it } from 'vitest'
import { areSpans, dayPlus, halvesAsSpans } from './spans'

describe('spans of a day', () => {
  it('are taken in order and apart, the last perhaps past midnight', () => {
    for (const good of ['', '08:00-12:00 13:00-24:00', '22:00-02:00', '00:00-24:00']) expect([good, areSpans(good)]).toEqual([good, true])
    for (const bad of ['8-12', '08:00-12:00 11:00-13:00', '24:00-08:00', '08:60-09:00', '20:00-02:00 21:00-22:00']) expect([bad, areSpans(bad)]).toEqual([bad, false])
  })

  it('join neighbouring half hours', () => {
    expect(halvesAsSpans([24, 25, 33, 47])).toBe('12:00–13:00, 16:30–17:00, 23:30–24:00')
    expect(halvesAsSpans([])).toBe('')
  })

  it('count days over months and leap years', () => {
    expect([dayPlus('2026-11-30', 7), dayPlus('2028-03-01', -1)]).toEqual(['2026-12-07', '2028-02-29'])
  })
})
