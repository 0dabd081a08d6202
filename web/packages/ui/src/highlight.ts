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
  return `…${flat.slice(lead.slice(0, lead.length - before_chars).join('').length)}`
}

function escape(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
