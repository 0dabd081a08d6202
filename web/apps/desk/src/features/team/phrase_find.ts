/** Finding phrases in a narrow window: by title, text, code, and how the title is typed. */
export interface Findable {
  code: string
  title: string
  text: string
  pinyin: string
  uses: number
}

/** `ni|ning hao` may be typed `nihao`, `nh` or `ninghao`: the first reading of each sign counts, whole and by initials. */
function typed(pinyin: string): [string, string] {
  const signs = pinyin.split(' ').map((sign) => sign.split('|')[0] ?? '')
  return [signs.join(''), signs.map((sign) => sign[0] ?? '').join('')]
}

/** Those that fit, best first: the code itself, then a title that begins so, then the most used. */
export function findPhrases<P extends Findable>(phrases: readonly P[], wanted: string): P[] {
  const word = wanted.trim().toLowerCase()
  if (!word) return [...phrases].sort((a, b) => b.uses - a.uses)
  const rank = (one: P): number => {
    const [whole, initials] = typed(one.pinyin.toLowerCase())
    if (one.code === word) return 0
    if (one.title.toLowerCase().startsWith(word) || one.code.startsWith(word)) return 1
    if (one.title.toLowerCase().includes(word) || whole.startsWith(word) || initials.startsWith(word)) return 2
    return one.text.toLowerCase().includes(word) || whole.includes(word) ? 3 : 4
  }
  const ranked = phrases.map((one) => ({ one, rank: rank(one) })).filter((found) => found.rank < 4)
  return ranked.sort((a, b) => a.rank - b.rank || b.one.uses - a.one.uses).map((found) => found.one)
}
