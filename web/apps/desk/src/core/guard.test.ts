import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Api } from './api'
import { bettered, marked, useGuard, type Finding } from './guard'

const finding = (text: string, said: string, level: Finding['level'] = 'ask', better?: string): Finding => {
  const start = text.indexOf(said)
  return { rule: 'ad_law', level, start, end: start + said.length, said, ...(better && { better }) }
}

describe('a text that rules find something in', () => {
  it('is cut where findings begin and end', () => {
    const text = '这款绝对不起球，最好的'
    const parts = marked(text, [finding(text, '最好的'), finding(text, '绝对', 'block'), finding(text, '对不')])
    expect(parts.map((part) => [part.text, part.level])).toEqual([
      ['这款', undefined],
      ['绝对', 'block'],
      ['不起球，', undefined],
      ['最好的', 'ask'],
    ])
    expect(parts.map((part) => part.text).join('')).toBe(text)
  })

  it('takes the better wording in its place, or as a whole', () => {
    expect(bettered('是最好的料', finding('是最好的料', '最好的', 'ask', '很好的'))).toBe('是很好的料')
    expect(bettered('嗯', finding('嗯', '嗯', 'warn', '好的，马上'))).toBe('好的，马上')
  })
})

describe('the guard', () => {
  const post = vi.fn()
  beforeEach(() => {
    setActivePinia(createPinia())
    vi.useFakeTimers()
    post.mockReset()
    useGuard().open({ post } as unknown as Api, 'demo')
  })

  it('is quiet while somebody types and asks once after a pause', async () => {
    const guard = useGuard()
    post.mockResolvedValue({ findings: [finding('绝对好', '绝对')] })
    for (const text of ['绝', '绝对', '绝对好']) guard.look('c', text)
    expect(post).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(600)
    expect(post).toHaveBeenCalledTimes(1)
    expect(guard.of('c').findings).toHaveLength(1)
    expect(await guard.passes('c', '绝对好')).toBe(false)
    expect(guard.of('c').held).toBe(true)
    guard.look('c', '好')
    expect(guard.of('c')).toMatchObject({ findings: [], held: false })
  })

  it('judges a text that was taken out of the field to be sent, and holds it when it is put back', async () => {
    const guard = useGuard()
    post.mockResolvedValue({ findings: [finding('绝对好', '绝对')] })
    guard.look('c', '绝对好')
    await vi.advanceTimersByTimeAsync(600)
    guard.look('c', '')
    expect(await guard.passes('c', '绝对好')).toBe(false)
    guard.look('c', '绝对好')
    expect(guard.of('c')).toMatchObject({ text: '绝对好', held: true })
  })

  it('lets through what only warns, and what nobody answered for', async () => {
    const guard = useGuard()
    post.mockResolvedValueOnce({ findings: [finding('嗯', '嗯', 'warn')] })
    expect(await guard.passes('c', '嗯')).toBe(true)
    post.mockRejectedValueOnce(new Error('offline'))
    expect(await guard.passes('c', '好的')).toBe(true)
  })
})
