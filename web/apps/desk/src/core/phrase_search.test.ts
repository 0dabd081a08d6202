import { describe, expect, it } from 'vitest'
import { filled, nextPlace, partsOf } from './phrase_fill'
import { indexPhrases, searchPhrases } from './phrase_search'
import type { Phrase } from './phrases'

const phrase = (id: number, title: string, pinyin: string, rest: Partial<Phrase> = {}): Phrase => ({
  id, title, pinyin, scope: 'shop', folder: null, code: '', text: title, updated_at: 0, uses: 0, used_at: 0, ...rest,
} as Phrase)
const SHELF = indexPhrases([
  phrase(1, '发货时间', 'fa huo shi jian', { code: 'fh1', text: '今天下单今晚发出' }),
  phrase(2, '返运费', 'fan yun fei'),
  phrase(3, '复核地址', 'fu he di zhi', { uses: 9 }),
  phrase(4, '长短', 'chang|zhang duan', { text: '发货前可以改' }),
])
const titles = (query: string) => searchPhrases(SHELF, query, 10).map(({ phrase: { title } }) => title)

describe('a phrase', () => {
  it('is found by initials, whole pinyin and anything between', () => {
    expect(titles('fhsj')).toEqual(['发货时间'])
    expect(titles('fahuo')).toEqual(['发货时间'])
    expect(titles('fah')).toEqual(['发货时间'])
    expect(titles('fuh')).toEqual(['复核地址'])
    expect(titles('zhangd')).toEqual(['长短'])
    expect(titles('changd')).toEqual(['长短'])
  })
  it('is found by its code before its pinyin, and by title before text', () => {
    expect(titles('fh')).toEqual(['发货时间', '复核地址'])
    expect(titles('发货')).toEqual(['发货时间', '长短'])
  })
  it('marks the characters that were meant', () => {
    expect(searchPhrases(SHELF, 'sj', 10)[0]?.marked).toEqual([2, 4])
  })
  it('stands first when it is used most and nothing is asked', () => {
    expect(titles('')[0]).toBe('复核地址')
  })
  it('stands where it stands however few are asked for', () => {
    const words = ['发货', '退款', '运费', '尺码', '发票']
    const typed = ['fa huo', 'tui kuan', 'yun fei', 'chi ma', 'fa piao']
    const many = Array.from({ length: 200 }, (_, id) => {
      const [a, b] = [id % 5, (id * 7 + 3) % 5]
      return phrase(id, `${words[a]}${words[b]}`, `${typed[a]} ${typed[b]}`, { code: id % 9 ? '' : `f${id}`, text: `${words[(a + 2) % 5]}说明`, uses: (id * 31) % 17, used_at: id % 3 })
    })
    const index = indexPhrases(many)
    for (const query of ['', 'f', 'f9', 'fp', 'tuikuan', '退款', '说明', 'yf']) {
      const all = searchPhrases(index, query, many.length)
      for (const most of [1, 3, 40]) expect(searchPhrases(index, query, most)).toEqual(all.slice(0, most))
    }
  })
  it('is not found by keys that lead nowhere', () => {
    expect(titles('fx')).toEqual([])
  })
})

describe('filling in', () => {
  const values = { buyer: '林间有鹿', order: '1118-0937' }
  it('takes names of both languages and leaves what is not known', () => {
    expect(filled('{买家}您好，{order.number} 由 {courier} 承运', values)).toBe('林间有鹿您好，1118-0937 由 {courier} 承运')
    expect(partsOf('{快递}', values)).toEqual([{ text: '{快递}', missing: true }])
  })
  it('walks over the open places and round', () => {
    const text = '{a} 和 {b}'
    expect(nextPlace(text, 0)).toEqual([0, 3])
    expect(nextPlace(text, 3)).toEqual([6, 9])
    expect(nextPlace(text, 9)).toEqual([0, 3])
    expect(nextPlace('没有', 0)).toBeUndefined()
  })
})
