/** Splits a text into plain and found parts, for marking what a search found. */
export interface Piece {
  text: string
  found: boolean
}

const WORDS_MAX = 8

export function highlight(text: string, query: string): Piece[] {
  const words = query.trim().split(/\s+/).filter(Boolean).slice(0, WORDS_MAX)
  if (words.length === 0) return [{ text, found: false }]
  const pattern = new RegExp(`(${words.map(escape).join('|')})`, 'giu')
  return text
    .split(pattern)
    .map((part, index) => ({ text: part, found: index % 2 === 1 }))
    .filter((piece) => piece.text !== '')
}

/** A long text cut around the first place found, so that the find is visible in one line. */
export function excerpt(text: string, query: string, before_chars = 12): string {
  const flat = text.replace(/\s+/g, ' ')
  const at = highlight(flat, query).findIndex((piece) => piece.found)
  if (at <= 0) return flat
  const lead = [...(highlight(flat, query)[0]?.text ?? '')]
  if (lead.length <= before_chars) return flat
  const from = wordStart(lead, lead.length - before_chars)
  return from === 0 ? flat : `…${lead.slice(from).join('')}${flat.slice(lead.join('').length)}`
}

const WORD_SIGN = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{N}'’_-]/u
/** Further back than this nobody looks for the beginning of a word. */
const WORD_CHARS_MAX = 24

/** Where the word begins that a cut at `at` would tear apart. */
function wordStart(signs: string[], at: number): number {
  const least = Math.max(0, at - WORD_CHARS_MAX)
  let from = at
  while (from > least && WORD_SIGN.test(signs[from - 1] ?? '') && WORD_SIGN.test(signs[from] ?? '')) from -= 1
  return from
}

function escape(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
