import { describe, expect, it } from 'vitest'
import { findPhrases } from './phrase_find'

const phrase = (code: string, title: string, text: string, pinyin: string, uses = 0) => ({ code, title, text, pinyin, uses })
const ALL = [
  phrase('zd', '问候', '在的，您说', 'wen hou', 9),
  phrase('', '尺码建议', '按平时穿的码选', 'chi ma jian yi', 3),
  phrase('wh', '发货时间', '今天下午发出，问候您', 'fa huo shi jian', 1),
]
const found = (word: string): string[] => findPhrases(ALL, word).map((one) => one.title)

describe('phrases beside a foreign chat', () => {
  it('are found by code, title, pinyin, initials and text, the code first', () => {
    expect(found('wh')).toEqual(['发货时间', '问候'])
    expect(found('chima')).toEqual(['尺码建议'])
    expect(found('cmjy')).toEqual(['尺码建议'])
    expect(found('问候')).toEqual(['问候', '发货时间'])
    expect(found('没有的')).toEqual([])
  })

  it('stand by use when nothing is asked', () => {
    expect(found('')).toEqual(['问候', '尺码建议', '发货时间'])
  })
})
