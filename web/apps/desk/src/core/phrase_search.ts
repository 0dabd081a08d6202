/** Finds a phrase while it is typed: by short code, by words of title and text, by pinyin and its initials. No state. */
import type { Phrase } from './phrases'

export interface Indexed {
  phrase: Phrase
  code: string
  title: string
  text: string
  /** For each character of the title the ways it is typed. */
  typed: string[][]
  /** Letters that stand in any of them: whoever types another one means another phrase. */
  letters: number
}

export interface PhraseHit {
  phrase: Phrase
  /** Characters of the title that were meant, from and to; none when code or text were. */
  marked: readonly [number, number] | undefined
}

/** Best first; within one of them what the agent uses most. */
const RANK = { code: 0, codeStart: 1, titleStart: 2, title: 3, pinyin: 4, text: 5 } as const
const RANKS = 6
const FIRST_LETTER = 97
const LETTERS = 26

/** Made once for each answer of the server, in the order in which equals stand: by own use. */
export function indexPhrases(phrases: readonly Phrase[]): Indexed[] {
  const ordered = [...phrases].sort((a, b) => b.uses - a.uses || b.used_at - a.used_at || a.id - b.id)
  return ordered.map((phrase) => {
    const pinyin = phrase.pinyin.toLowerCase()
    return {
      phrase,
      code: phrase.code.toLowerCase(),
      title: phrase.title.toLowerCase(),
      text: phrase.text.toLowerCase(),
      typed: pinyin.split(' ').map((readings) => readings.split('|')),
      letters: lettersOf(pinyin),
    }
  })
}

/** The best ones. Ranks beyond those that are full already are not looked for any more. */
export function searchPhrases(index: readonly Indexed[], query: string, most: number): PhraseHit[] {
  const wanted = query.trim().toLowerCase()
  if (!wanted) return index.slice(0, most).map(({ phrase }) => ({ phrase, marked: undefined }))
  const keys = wanted.replace(/[\s']/g, '')
  const asked = { wanted, keys: /^[a-z0-9]+$/.test(keys) ? keys : '', letters: lettersOf(keys) }
  const shelves: PhraseHit[][] = Array.from({ length: RANKS }, () => [])
  let worst: number = RANK.text
  for (const one of index) {
    const hit = match(one, asked, worst)
    if (!hit || hit[0] > worst) continue
    shelves[hit[0]]!.push({ phrase: one.phrase, marked: hit[1] })
    if (shelves[hit[0]]!.length >= most) worst = Math.min(worst, hit[0] - 1)
    if (worst < 0) break
  }
  return shelves.flat().slice(0, most)
}

interface Asked {
  wanted: string
  /** What was typed as pinyin; empty when it cannot be. */
  keys: string
  letters: number
}

function match(one: Indexed, { wanted, keys, letters }: Asked, worst: number): readonly [number, PhraseHit['marked']] | undefined {
  if (one.code && one.code.startsWith(wanted)) return [one.code === wanted ? RANK.code : RANK.codeStart, undefined]
  const at = one.title.indexOf(wanted)
  if (at >= 0) return [at ? RANK.title : RANK.titleStart, [at, at + wanted.length]]
  if (keys && worst >= RANK.pinyin && (letters & ~one.letters) === 0) {
    for (let from = 0; from < one.typed.length; from++) {
      const to = typedFrom(one.typed, from, keys, 0)
      if (to > from) return [RANK.pinyin, [from, to]]
    }
  }
  return worst >= RANK.text && one.text.includes(wanted) ? [RANK.text, undefined] : undefined
}

/** Behind the last character that the keys from `key` on reach, each by a beginning of one of its readings; -1 when they lead nowhere. */
function typedFrom(typed: readonly string[][], at: number, keys: string, key: number): number {
  if (key === keys.length) return at
  const readings = typed[at]
  if (!readings) return -1
  for (const reading of readings) {
    let length = 0
    while (length < reading.length && reading.charCodeAt(length) === keys.charCodeAt(key + length)) length += 1
    for (; length > 0; length--) {
      const to = typedFrom(typed, at + 1, keys, key + length)
      if (to >= 0) return to
    }
  }
  return -1
}

/** One bit for each letter that stands in a text. */
function lettersOf(text: string): number {
  let bits = 0
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at) - FIRST_LETTER
    if (letter >= 0 && letter < LETTERS) bits |= 1 << letter
  }
  return bits
}
