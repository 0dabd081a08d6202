/// <reference types="node" />
import { readdirSync } from 'node:fs'
import { baseCompile } from '@intlify/message-compiler'
import { describe, expect, it } from 'vitest'
import { fill, LANGS, pickLang } from '../src/index.ts'

const root = new URL('../src/', import.meta.url)
const areas = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name)

/** `{'a.b': text}` of a nested table of messages. */
function flat(messages: object, prefix = ''): Record<string, string> {
  const pairs = Object.entries(messages).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[prefix + key, value]] : Object.entries(flat(value as object, `${prefix}${key}.`)),
  )
  return Object.fromEntries(pairs)
}

/** Areas of the buyer's side, which fill texts by themselves; all others are compiled at the desk. */
const PLAIN = ['widget', 'widget_more', 'shop']

const params = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()

/** Every file of an area that has the name of a language. */
async function languagesOf(area: string): Promise<Record<string, Record<string, string>>> {
  const found: Record<string, Record<string, string>> = {}
  for (const lang of LANGS) {
    if (!readdirSync(new URL(`${area}/`, root)).includes(`${lang}.ts`)) continue
    const module = (await import(`../src/${area}/${lang}.ts`)) as { default: object }
    found[lang] = flat(module.default)
  }
  return found
}

describe.each(areas)('the messages of %s', (area) => {
  it('have the same keys and parameters in every language', async () => {
    const found = await languagesOf(area)
    const first = found[LANGS[0]]
    if (!first) return
    for (const lang of LANGS) {
      expect(Object.keys(found[lang] ?? {}).sort()).toEqual(Object.keys(first).sort())
      for (const [key, text] of Object.entries(first)) {
        expect([key, params(found[lang]![key]!)]).toEqual([key, params(text)])
      }
    }
  })

  it('are never empty', async () => {
    for (const messages of Object.values(await languagesOf(area))) {
      expect(Object.entries(messages).filter(([, text]) => !text.trim())).toEqual([])
    }
  })
})

describe.each(areas.filter((area) => !PLAIN.includes(area)))('the messages of %s', (area) => {
  it('can be shown: no sign in them means something else to the compiler', async () => {
    const faults: unknown[] = []
    for (const messages of Object.values(await languagesOf(area))) {
      for (const [key, text] of Object.entries(messages)) baseCompile(text, { onError: (error) => faults.push([key, text, error.code]) })
    }
    expect(faults).toEqual([])
  })
})

describe('a language', () => {
  it('is the first wish that we speak', () => {
    expect(pickLang([null, 'fr', 'en-GB', 'zh'])).toBe('en')
    expect(pickLang(['zh-TW'])).toBe('zh-CN')
    expect(pickLang(['fr', ''])).toBe('zh-CN')
    expect(pickLang(['fr'], 'en')).toBe('en')
  })

  it('fills parameters and chooses between one and more', () => {
    expect(fill('{n} new message | {n} new messages', { n: 1 })).toBe('1 new message')
    expect(fill('{n} new message | {n} new messages', { n: 3 })).toBe('3 new messages')
    expect(fill('还有 {n} 条', { n: 2 })).toBe('还有 2 条')
  })
})
