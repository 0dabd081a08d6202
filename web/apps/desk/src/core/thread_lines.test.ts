import { describe, expect, it } from 'vitest'
import { byColleague, byMe, makeEntry } from './testing'
import { drawThread, mergeLanes, type Line, type ThreadSource } from './thread_lines'

const source = (over: Partial<ThreadSource>): ThreadSource => ({
  entries: [],
  notes: [],
  pending: [],
  waiting_since: null,
  marks: { buyer: 0 },
  me: 'acc_me',
  zone: 'UTC',
  ...over,
})
const types = (lines: Line[]) => lines.map((line) => line.type)

describe('a thread', () => {
  it('begins each day with a separator in the zone of the shop', () => {
    const midnight = Date.parse('2025-11-22T16:00:00Z') * 1000
    const entries = [makeEntry(1, { at: midnight - 1 }), makeEntry(2, { at: midnight })]
    expect(types(drawThread(source({ entries, zone: 'Asia/Shanghai' })).before)).toEqual(['day', 'speech', 'day', 'speech'])
    expect(types(drawThread(source({ entries })).before)).toEqual(['day', 'speech', 'speech'])
  })

  it('puts notes between the lines by time and keeps each lane in order', () => {
    const notes = [makeEntry(1, { lane: 'staff', at: 1_500_000 }), makeEntry(2, { lane: 'staff', at: 9_000_000 })]
    const merged = mergeLanes([makeEntry(1), makeEntry(2)], notes)
    expect(merged.map((e) => `${e.lane}${e.seq}`)).toEqual(['buyer1', 'staff1', 'buyer2', 'staff2'])
  })

  it('opens the turn at the first unanswered line of the buyer', () => {
    const entries = [makeEntry(1), makeEntry(2, { by: byMe }), makeEntry(3), makeEntry(4)]
    const { before, turn } = drawThread(source({ entries, waiting_since: 3_000_000 }))
    expect(types(before)).toEqual(['day', 'speech', 'speech'])
    expect(turn.map((line) => line.key)).toEqual(['buyer-3', 'buyer-4'])
  })

  it('has no turn when nobody waits', () => {
    expect(drawThread(source({ entries: [makeEntry(1)] })).turn).toEqual([])
  })

  it('keeps what is not yet sent at the end', () => {
    const pending = [{ id: 'one', lane: 'buyer', text: '马上', at: 5, state: 'waiting' } as const]
    const { before } = drawThread(source({ entries: [makeEntry(1)], pending }))
    expect(types(before)).toEqual(['day', 'speech', 'pending'])
  })

  it('shows a recalled message as a line about it and hides the recall itself', () => {
    const entries = [makeEntry(1, { by: byMe, recalled: true }), makeEntry(2, { kind: 'recall', ref: 1, by: byMe })]
    expect(types(drawThread(source({ entries })).before)).toEqual(['day', 'recalled'])
  })

  it('skips kinds it does not know', () => {
    expect(drawThread(source({ entries: [makeEntry(1, { kind: 'dance' as never })] })).before).toEqual([])
  })

  it('lets lines of one speaker stand together and tells me from a colleague', () => {
    const entries = [makeEntry(1, { by: byMe }), makeEntry(2, { by: byMe }), makeEntry(3, { by: byColleague })]
    const lines = drawThread(source({ entries })).before.filter((line) => line.type === 'speech')
    expect(lines.map((l) => [l.speaker, l.head, l.tail])).toEqual([
      ['me', true, false],
      ['me', false, true],
      ['colleague', true, true],
    ])
  })

  it('shows the state of both lines where reading stopped between them', () => {
    const entries = [makeEntry(1, { by: byMe }), makeEntry(2, { by: byMe })]
    const lines = drawThread(source({ entries, marks: { buyer: 1 } })).before
    expect(lines.map((l) => l.type === 'speech' && l.tail)).toEqual([false, true, true])
  })
})
