/* A text above the limit of one line, in parts that each are one line: cut where a sentence ends, else where a clause or a word does,
   else anywhere but inside a character. Nothing is lost but the white space at the cuts. */

/** More parts than this are not a message. */
export const PARTS_MAX = 20
/** A part is filled at least so far before a cut counts: else a short first sentence would make a part of its own. */
const FILLED = 0.4

const ENDS = /[。！？!?…\n]/u
const CLOSES = /[”’"'」』）)\]】》]/u
const PAUSES = /[；;，,、：:]/u
/** Belongs to the character before it. */
const CLINGS = /[\p{M}\u200d\ufe0f\u{1f3fb}-\u{1f3ff}]/u

/** Empty: it would be too many parts. */
export function splitText(text: string, chars_max: number): string[] {
  const chars = [...text.trim()]
  const parts: string[] = []
  for (let from = 0; from < chars.length; ) {
    if (parts.length === PARTS_MAX) return []
    const end = chars.length - from <= chars_max ? chars.length : cut(chars, from, from + chars_max)
    const part = chars.slice(from, end).join('').trim()
    if (part) parts.push(part)
    from = end
  }
  return parts
}

/** Behind which character a part ends that may reach up to `to`. */
function cut(chars: readonly string[], from: number, to: number): number {
  const least = from + Math.ceil((to - from) * FILLED)
  const back = (fits: (at: number) => boolean): number => {
    for (let at = to; at > least; at -= 1) if (fits(at)) return at
    return 0
  }
  const before = (at: number) => chars[at - 1]! + (chars[at] ?? '')
  const ends = (at: number): boolean => {
    if (CLOSES.test(chars[at] ?? '')) return false
    let last = at - 1
    while (last > least && CLOSES.test(chars[last]!)) last -= 1
    // A full stop within a number or an address ends nothing.
    return chars[last] === '.' ? last < at - 1 || /\s/.test(chars[at] ?? ' ') : ENDS.test(chars[last]!)
  }
  const found = back(ends) || back((at) => PAUSES.test(chars[at - 1]!) && !/\d,\d/.test((chars[at - 2] ?? '') + before(at))) || back((at) => /\s/.test(before(at)))
  if (found) return found
  let hard = to
  while (hard > least && (CLINGS.test(chars[hard] ?? '') || chars[hard - 1] === '\u200d')) hard -= 1
  return hard
}
