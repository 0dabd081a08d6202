import type { Row } from '@xiaoer/realtime'
import { describe, expect, it } from 'vitest'
import { belongsTo, flatOrder, isSameOrder, mustStandStill, neighbour, orderByActivity, orderRows, stillOrder, LIST_TABS } from './list_order'
import { makeRow } from './testing'

const waiting = (id: string, since: number) => makeRow(id, { waiting_since: since })
const answered = (id: string, at: number): Row => {
  const row = makeRow(id)
  return { ...row, last: { ...row.last!, at } }
}

describe('the list', () => {
  it('puts the longest waiting first, then the answered with the newest first', () => {
    const rows = [answered('a', 10), waiting('b', 50), answered('c', 90), waiting('d', 20)]
    expect(orderRows(rows)).toEqual({ waiting: ['d', 'b'], answered: ['c', 'a'], arrived: [] })
  })

  it('keeps equal times in a steady order', () => {
    expect(orderRows([waiting('b', 5), waiting('a', 5)]).waiting).toEqual(['a', 'b'])
  })

  it('does not move anything while it stands still', () => {
    const shown = orderRows([waiting('a', 1), answered('b', 2)])
    const later = stillOrder(shown, orderRows([answered('a', 3), waiting('b', 4)]))
    expect(flatOrder(later)).toEqual(['a', 'b'])
  })

  it('appends newcomers at the end while it stands still, once', () => {
    const shown = orderRows([answered('b', 2)])
    const wanted = orderRows([waiting('n', 1), answered('b', 2)])
    const once = stillOrder(shown, wanted)
    expect(flatOrder(stillOrder(once, wanted))).toEqual(['b', 'n'])
  })

  it('keeps one who waits in its place by activity where all are listed', () => {
    const rows = [answered('a', 10), { ...answered('b', 50), waiting_since: 1 }, answered('c', 90)]
    expect(flatOrder(orderByActivity(rows))).toEqual(['c', 'b', 'a'])
  })

  it('knows when a move between the sections changes the picture', () => {
    const before = orderRows([waiting('a', 1)])
    expect(isSameOrder(before, orderRows([answered('a', 1)]))).toBe(false)
    expect(isSameOrder(before, orderRows([waiting('a', 1)]))).toBe(true)
  })

  it('stands still under the pointer and for a second after a click', () => {
    expect(mustStandStill(true, 0, 10_000)).toBe(true)
    expect(mustStandStill(false, 9_500, 10_000)).toBe(true)
    expect(mustStandStill(false, 9_000, 10_000)).toBe(false)
  })

  it('walks to neighbours and stops at the ends', () => {
    expect(neighbour(['a', 'b'], 'a', 1)).toBe('b')
    expect(neighbour(['a', 'b'], 'b', 1)).toBe('b')
    expect(neighbour(['a', 'b'], undefined, -1)).toBe('b')
    expect(neighbour([], 'a', 1)).toBeUndefined()
  })
})

describe('a row', () => {
  it('is mine when its open session is mine, and queued when nobody has it', () => {
    const mine = makeRow('a')
    const queued = makeRow('b', { session: { ...mine.session!, state: 'queued', agent: null } })
    const closed = makeRow('c', { session: { ...mine.session!, state: 'closed' } })
    expect([mine, queued, closed].map((r) => belongsTo(r, 'mine', 'acc_me'))).toEqual([true, false, false])
    expect([mine, queued, closed].map((r) => belongsTo(r, 'queue', 'acc_me'))).toEqual([false, true, false])
    expect(belongsTo(closed, 'all', 'acc_me')).toBe(true)
  })
})

describe('a message that was left', () => {
  it('stands in its own list until somebody has it', () => {
    const left = makeRow('a', { left: true, session: { id: 's', state: 'queued', agent: null, opened_at: 0, why: null } })
    expect(LIST_TABS.filter((tab) => belongsTo(left, tab, 'acc_me'))).toEqual(['left', 'all'])
    const taken = makeRow('a', { left: true })
    expect(LIST_TABS.filter((tab) => belongsTo(taken, tab, 'acc_me'))).toEqual(['mine', 'all'])
  })
})
