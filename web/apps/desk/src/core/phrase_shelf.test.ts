import { describe, expect, it } from 'vitest'
import { treeOf } from './phrase_shelf'
import type { Phrase, PhraseFolder } from './phrases'

const folder = (id: number, parent: number | null = null): PhraseFolder => ({ id, name: `f${id}`, parent, scope: 'shop' }) as PhraseFolder
const phrase = (id: number, of: number | null = null): Phrase => ({ id, folder: of, title: `p${id}` }) as Phrase

describe('the tree of phrases', () => {
  it('shows what lies in a folder only while it is open, and counts all below it', () => {
    const folders = [folder(1), folder(2, 1)]
    const list = [phrase(1, 1), phrase(2, 2), phrase(3)]
    const shut = treeOf(folders, list, new Set(), 10)
    expect(shut.map(({ key }) => key)).toEqual(['f1', 'p3'])
    expect(shut[0]).toMatchObject({ count: 2, open: false })
    expect(treeOf(folders, list, new Set([1, 2]), 10).map(({ key, depth }) => `${key}.${depth}`)).toEqual(['f1.1', 'f2.2', 'p2.3', 'p1.2', 'p3.1'])
  })

  it('loses nothing whose folder is gone, and says how many it does not draw', () => {
    const list = [phrase(1, 99), phrase(2), phrase(3)]
    expect(treeOf([], list, new Set(), 2).map(({ key }) => key)).toEqual(['p1', 'p2', 'm0'])
    expect(treeOf([], list, new Set(), 2).at(-1)).toMatchObject({ count: 1 })
  })
})
