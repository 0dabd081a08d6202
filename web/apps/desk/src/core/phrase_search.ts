/** Finds a phrase while it is typed: by short code, by words of title and text, by pinyin and its initials. No state. */
import type { Phrase } from './phrases'

export interface Indexed {
  phrase: Phrase
  code: string
  title: string
  text: string
  /** For each character of the title the ways it is typed. */
  typed: string[][]
}

export interface PhraseHit {
  phrase: Phrase
  /** Characters of the title that were meant, from and to; none when code or text were. */
  marked: readonly [number, number] | undefined
}

/** Best first; within one of them what the agent uses most. */
const RANK = { code: 0, codeStart: 1, titleStart: 2, title: 3, pinyin: 4, text: 5 } as const

export function indexPhrases(phrases: readonly Phrase[]): Indexed[] {
  return phrases.map((phrase) => ({
    phrase,
    code: phrase.code.toLowerCase(),
    title: phrase.title.toLowerCase(),
    text: phrase.text.toLowerCase(),
    typed: phrase.pinyin.toLowerCase().split(' ').map((readings) => readings.split('|')),
  }))
}

export function searchPhrases(index: readonly Indexed[], query: string, most: number): PhraseHit[] {
  const wanted = query.trim().toLowerCase()
  const found = index.flatMap((one) => {
    const hit = wanted ? match(one, wanted) : ([0, undefined] as const)
    return hit ? [{ rank: hit[0], marked: hit[1], phrase: one.phrase }] : []
  })
  found.sort((a, b) => a.rank - b.rank || b.phrase.uses - a.phrase.uses || b.phrase.used_at - a.phrase.used_at || a.phrase.id - b.phrase.id)
  return found.slice(0, most).map(({ phrase, marked }) => ({ phrase, marked }))
}

function match(one: Indexed, wanted: string): readonly [number, PhraseHit['marked']] | undefined {
  if (one.code && one.code.startsWith(wanted)) return [one.code === wanted ? RANK.code : RANK.codeStart, undefined]
  const at = one.title.indexOf(wanted)
  if (at >= 0) return [at ? RANK.title : RANK.titleStart, [at, at + wanted.length]]
  const keys = wanted.replace(/[\s']/g, '')
  if (/^[a-z0-9]+$/.test(keys)) {
    for (let from = 0; from < one.typed.length; from++) {
      const to = typedFrom(one.typed, from, keys)
      if (to > from) return [RANK.pinyin, [from, to]]
    }
  }
  return one.text.includes(wanted) ? [RANK.text, undefined] : undefined
}

/** Behind the last character that the keys reach, each by a beginning of one of its readings; -1 when they lead nowhere. */
function typedFrom(typed: readonly string[][], at: number, keys: string): number {
  if (!keys) return at
  for (const reading of typed[at] ?? []) {
    let length = 0
    while (length < reading.length && length < keys.length && reading[length] === keys[length]) length += 1
    for (; length > 0; length--) {
      const to = typedFrom(typed, at + 1, keys.slice(length))
      if (to >= 0) return to
    }
  }
  return -1
}
