/** The sign in an avatar: the first letter or 汉字 of a name, never half of a pair. */
export function initialOf(name: string): string {
  const first = [...name.trim()][0]
  return first ? first.toLocaleUpperCase() : '·'
}

/** Agents are known by the last sign of a short Chinese name (小满 → 满), others by the first. */
export function agentInitialOf(name: string): string {
  const signs = [...name.trim()]
  const isShortHan = signs.length <= 3 && signs.every((s) => /\p{Script=Han}/u.test(s))
  return isShortHan ? (signs.at(-1) ?? '·') : initialOf(name)
}
