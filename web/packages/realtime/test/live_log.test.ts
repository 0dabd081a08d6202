import { describe, expect, it } from 'vitest'
import { LiveLog } from '../src/live_log.ts'
import type { Entry } from '../src/shapes.ts'

const entry = (seq: number): Entry => ({ lane: 'buyer', seq, at: seq, kind: 'message', message: 'human', by: { side: 'buyer' }, text: `line ${seq}` })

describe('a line that was erased', () => {
  it('keeps its number and shows nothing, and what is not here is left alone', () => {
    const log = new LiveLog()
    log.merge([entry(1), entry(2), entry(3)])
    log.erase([2, 9])
    expect(log.entries.map(({ seq, text }) => [seq, text])).toEqual([[1, 'line 1'], [2, undefined], [3, 'line 3']])
    expect(log.after).toBe(3)
  })
})
