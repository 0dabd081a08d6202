import { describe, expect, it } from 'vitest'
import { LaneLog } from '../src/lane_log.ts'
import type { Entry } from '../src/shapes.ts'

function line(seq: number, more: Partial<Entry> = {}): Entry {
  return { lane: 'buyer', seq, at: seq, kind: 'message', message: 'human', by: { side: 'buyer' }, text: `t${seq}`, ...more }
}

const seqs = (entries: readonly Entry[]) => entries.map((entry) => entry.seq)

describe('a lane', () => {
  it('drops what it already has', () => {
    const log = new LaneLog()
    log.merge([line(1), line(2)])
    expect(log.merge([line(1), line(2)])).toEqual([])
    expect(seqs(log.entries)).toEqual([1, 2])
  })

  it('holds back what lies beyond a gap until the gap is filled', () => {
    const log = new LaneLog()
    log.merge([line(1), line(4)])
    expect(seqs(log.entries)).toEqual([1])
    expect(log.has_gap).toBe(true)
    expect(seqs(log.merge([line(3), line(2)]))).toEqual([2, 3, 4])
    expect(log.has_gap).toBe(false)
  })

  it('knows of a gap at its end from the last seq of a page', () => {
    const log = new LaneLog()
    log.merge([line(1)], 5)
    expect(log.has_gap).toBe(true)
  })

  it('takes the text from a recalled line and keeps the line', () => {
    const log = new LaneLog()
    log.merge([line(1), line(2), line(3, { kind: 'recall', ref: 1 })])
    expect(log.find(1)).toMatchObject({ seq: 1, recalled: true })
    expect(log.find(1)?.text).toBeUndefined()
    expect(log.find(2)?.text).toBe('t2')
  })

  it('starts in the middle and takes older pages only where they join', () => {
    const log = new LaneLog(10)
    log.merge([line(11), line(12, { kind: 'recall', ref: 9 })])
    log.prepend([line(5), line(6)])
    expect(seqs(log.entries)).toEqual([11, 12])
    log.prepend([line(8), line(9), line(10)])
    expect(seqs(log.entries)).toEqual([8, 9, 10, 11, 12])
    expect(log.find(9)?.recalled).toBe(true)
    expect(log.has_older).toBe(true)
  })
})
