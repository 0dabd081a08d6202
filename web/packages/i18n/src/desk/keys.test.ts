import { describe, expect, it } from 'vitest'
import en from './en.ts'
import zhCN from './zh-CN.ts'

type Texts = { [key: string]: string | Texts }

function keysOf(texts: Texts, path = ''): string[] {
  return Object.entries(texts).flatMap(([key, value]) => (typeof value === 'string' ? [path + key] : keysOf(value, `${path}${key}.`)))
}

function textAt(texts: Texts, path: string): string {
  return path.split('.').reduce<Texts | string>((at, key) => (at as Texts)[key] ?? '', texts) as string
}

const names = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort()

describe('the texts of the desk', () => {
  it('have the same keys in both languages', () => {
    expect(keysOf(en).sort()).toEqual(keysOf(zhCN).sort())
  })

  it('ask for the same values in both languages', () => {
    const different = keysOf(zhCN).filter((key) => !names(textAt(zhCN, key)).every((name) => names(textAt(en, key)).includes(name)))
    expect(different).toEqual([])
  })

  it('are never empty', () => {
    expect(keysOf(zhCN).filter((key) => !textAt(zhCN, key).trim() || !textAt(en, key).trim())).toEqual([])
  })
})
