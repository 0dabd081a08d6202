import type { Entry } from '@xiaoer/realtime'
import { describe, expect, it } from 'vitest'
import { answersOf, fileSize, safeAddress, thumbSize } from './thread_content'

describe('the content of a message', () => {
  it('keeps its room within the thread and its shape', () => {
    expect(thumbSize(2400, 1200)).toEqual({ width: 240, height: 120 })
    expect(thumbSize(1000, 2200)).toEqual({ width: 100, height: 220 })
    expect(thumbSize(100, 80)).toEqual({ width: 100, height: 80 })
    expect(thumbSize(4000, 10)).toEqual({ width: 240, height: 40 })
    expect(thumbSize(0, 0).height).toBeGreaterThan(0)
  })

  it('follows pages and never scripts', () => {
    expect(safeAddress('https://shop.example/p/1')).toBe('https://shop.example/p/1')
    expect(safeAddress('/demo/p/1')).toBe('/demo/p/1')
    for (const bad of ['javascript:alert(1)', 'data:text/html,x', '//elsewhere.example', ' https://x.example', '', null]) expect(safeAddress(bad)).toBeUndefined()
  })

  it('names sizes for people', () => {
    expect([10, 2048, 5 * 1024 * 1024].map(fileSize)).toEqual(['1 KB', '2 KB', '5.0 MB'])
  })

  it('takes the last answer that was not taken back', () => {
    const answer = (seq: number, ref: number, value: 'confirmed' | 'change', recalled = false): Entry => ({ lane: 'buyer', seq, at: seq, kind: 'message', by: { side: 'buyer' }, recalled, content: { t: 'answer', ref, value } })
    const answers = answersOf([answer(4, 2, 'change'), answer(5, 2, 'confirmed'), answer(6, 2, 'change', true), answer(7, 3, 'change')])
    expect([...answers]).toEqual([[2, 'confirmed'], [3, 'change']])
  })
})
