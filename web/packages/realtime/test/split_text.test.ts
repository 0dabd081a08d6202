import { describe, expect, it } from 'vitest'
import { PARTS_MAX, splitText } from '../src/split_text.ts'

const bare = (text: string) => text.replace(/\s/g, '')
const count = (text: string) => [...text].length

/** The same every time. */
function dice(seed: number): () => number {
  return () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648
}

describe('a text above the limit of a line', () => {
  it('is cut where a sentence ends, with its closing mark', () => {
    expect(splitText('今天发货。明天能到吗？“能。”好的', 10)).toEqual(['今天发货。明天能到吗？'.slice(0, 5), '明天能到吗？“能。”', '好的'].filter(Boolean))
    expect(splitText('It costs 3.50 today. Tomorrow more.', 24)).toEqual(['It costs 3.50 today.', 'Tomorrow more.'])
  })

  it('is cut at a clause or a word where no sentence ends, and anywhere but inside a character', () => {
    expect(splitText('红色的，蓝色的，白色的都有货', 10)).toEqual(['红色的，蓝色的，', '白色的都有货'])
    expect(splitText('abcdefgh ijklmnop', 10)).toEqual(['abcdefgh', 'ijklmnop'])
    const family = '👨‍👩‍👧'
    expect(splitText(`一二三四五六${family}`, 8)).toEqual(['一二三四五六', family])
  })

  it('stays one part when it fits', () => {
    expect(splitText('  在吗 ', 4)).toEqual(['在吗'])
  })

  it('is no message when it would be too many parts', () => {
    expect(splitText('字'.repeat(10 * PARTS_MAX), 10)).toHaveLength(PARTS_MAX)
    expect(splitText('字'.repeat(10 * PARTS_MAX + 1), 10)).toEqual([])
  })

  it('loses nothing, keeps the order and never exceeds the limit', () => {
    const alphabet = [...'买家说好的吗。，！？ \n.a b1,2"”）👍🏽e\u0301']
    for (let seed = 1; seed <= 400; seed += 1) {
      const roll = dice(seed)
      const text = Array.from({ length: 1 + Math.floor(roll() * 300) }, () => alphabet[Math.floor(roll() * alphabet.length)]).join('')
      const max = 12 + Math.floor(roll() * 40)
      const parts = splitText(text, max)
      if (!parts.length && bare(text)) expect(count(text)).toBeGreaterThan(max * PARTS_MAX * 0.3)
      else expect(bare(parts.join(''))).toBe(bare(text))
      for (const part of parts) {
        expect(count(part)).toBeLessThanOrEqual(max)
        expect(part.trim()).not.toBe('')
      }
    }
  })
})
