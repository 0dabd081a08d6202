import { describe, expect, it } from 'vitest'
import { createWatcher, type Look } from './alerts'
import { makeRow } from './testing'

const look = (over: Partial<Look>): Look => ({ rows: [], inView: undefined, quiet: false, urgentBefore: 0, ...over })
const said = (seq: number, over = {}) => makeRow('a', { last: { seq, at: seq, side: 'buyer', kind: 'message', preview: '在吗' }, ...over })
const names = (watch: ReturnType<typeof createWatcher>, now: Partial<Look>) => watch(look(now)).map(({ alert }) => alert)

describe('attention', () => {
  it('is not called when the desk opens', () => {
    expect(names(createWatcher(), { rows: [said(1)], urgentBefore: 9e15 })).toEqual([])
  })

  it('is called once for a new buyer and for each reply', () => {
    const watch = createWatcher()
    watch(look({}))
    expect(names(watch, { rows: [said(1)] })).toEqual(['conversation'])
    expect(names(watch, { rows: [said(1)] })).toEqual([])
    expect(names(watch, { rows: [said(2)] })).toEqual(['reply'])
  })

  it('is not called for what is on screen, nor by our own line, nor when away', () => {
    const watch = createWatcher()
    watch(look({ rows: [said(1)] }))
    expect(names(watch, { rows: [said(2)], inView: 'a' })).toEqual([])
    expect(names(watch, { rows: [said(3)], quiet: true })).toEqual([])
    const ours = makeRow('a', { last: { seq: 4, at: 4, side: 'agent', kind: 'message', preview: '在的' } })
    expect(names(watch, { rows: [ours] })).toEqual([])
    expect(names(watch, { rows: [said(5)] })).toEqual(['reply'])
  })

  it('is called once for each wait that became urgent', () => {
    const watch = createWatcher()
    const waiting = (since: number) => ({ rows: [said(1, { waiting_since: since })] })
    watch(look(waiting(100)))
    expect(names(watch, { ...waiting(100), urgentBefore: 99 })).toEqual([])
    expect(names(watch, { ...waiting(100), urgentBefore: 100 })).toEqual(['alarm'])
    expect(names(watch, { ...waiting(100), urgentBefore: 200 })).toEqual([])
    expect(names(watch, { ...waiting(250), urgentBefore: 300 })).toEqual(['alarm'])
  })
})
