/** What an audited act changed, in words: only the fields that differ, each with its own name. */

export interface Speech {
  /** The name of a field, a role or a word; undefined where we have none. */
  field(name: string): string | undefined
  word(value: string): string | undefined
  yes: string
  no: string
  nothing: string
  list: string
  joint: string
}

type Fields = Record<string, unknown>
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

function said(value: unknown, speech: Speech): string {
  if (value === undefined || value === null || value === '') return speech.nothing
  if (typeof value === 'boolean') return value ? speech.yes : speech.no
  if (typeof value === 'string') return speech.word(value) ?? value
  if (Array.isArray(value)) return value.length ? value.map((one) => said(one, speech)).join(speech.list) : speech.nothing
  return JSON.stringify(value)
}

export function changeOf(before: unknown, after: unknown, speech: Speech): string {
  if (!isFields(before) && !isFields(after)) {
    if (before == null && after == null) return ''
    return before == null ? said(after, speech) : `${said(before, speech)} → ${said(after, speech)}`
  }
  const was = isFields(before) ? before : {}
  const is = isFields(after) ? after : {}
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]))
    .map((name) => {
      const change = name in was ? `${said(was[name], speech)} → ${said(is[name], speech)}` : said(is[name], speech)
      return `${speech.field(name) ?? name} ${change}`
    })
    .join(speech.joint)
}
