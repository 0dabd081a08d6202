import { describe, expect, it } from 'vitest'
import { excerpt, highlight } from './highlight'
import { agentInitialOf, initialOf } from './initial'

describe('highlighting', () => {
  it('marks every place, whatever the case', () => {
    const found = highlight('Echo and echo', 'echo').filter((p) => p.found)
    expect(found.map((p) => p.text)).toEqual(['Echo', 'echo'])
  })

  it('marks Chinese words and keeps the rest whole', () => {
    expect(highlight('我要退款吗', '退款')).toEqual([
      { text: '我要', found: false },
      { text: '退款', found: true },
      { text: '吗', found: false },
    ])
  })

  it('treats signs of patterns as text', () => {
    expect(highlight('a.b axb', 'a.b').filter((p) => p.found)).toHaveLength(1)
    expect(highlight('(1/2)', '(1/2)').filter((p) => p.found)).toHaveLength(1)
  })

  it('cuts a long beginning so that the find is seen', () => {
    const text = `${'很'.repeat(40)}退款`
    expect(excerpt(text, '退款')).toBe(`…${'很'.repeat(12)}退款`)
  })
})

describe('initials', () => {
  it('take the first sign of a buyer and the last of a short Chinese agent name', () => {
    expect(initialOf('momo')).toBe('M')
    expect(initialOf('😊x')).toBe('😊')
    expect(agentInitialOf('小满')).toBe('满')
    expect(agentInitialOf('Anna')).toBe('A')
    expect(initialOf('  ')).toBe('·')
  })
})

describe('an excerpt', () => {
  it('never begins inside a Latin word', () => {
    expect(excerpt('Please tell me about the delivery before Friday', 'Friday', 10)).toBe('…delivery before Friday')
    expect(excerpt('订单 20261266 的 cashmere 开衫什么时候发货', '开衫', 4)).toBe('…cashmere 开衫什么时候发货')
  })
})
