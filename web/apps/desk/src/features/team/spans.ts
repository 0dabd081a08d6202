/** Spans of a day such as `08:00-12:00 13:00-24:00`, and the half hours that people count by. */

const SPAN = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/
const DAY_MINUTES = 24 * 60
const SPANS_MAX = 8

function minutes(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5))
}

/** Whether the server would take it: in order, apart, the last perhaps past midnight. */
export function areSpans(text: string): boolean {
  const spans = text.split(/\s+/).filter(Boolean)
  if (spans.length > SPANS_MAX || !spans.every((span) => SPAN.test(span))) return false
  let end = 0
  for (const span of spans) {
    const [from, to] = [minutes(span.slice(0, 5)), minutes(span.slice(6))]
    if (from < end) return false
    end = to > from ? to : to + DAY_MINUTES
  }
  return true
}

function clock(half: number): string {
  return `${String(Math.floor(half / 2)).padStart(2, '0')}:${half % 2 ? '30' : '00'}`
}

/** Half hours as spans, neighbours joined: `[24, 25, 33]` is `12:00–13:00, 16:30–17:00`. */
export function halvesAsSpans(halves: readonly number[]): string {
  const spans: [number, number][] = []
  for (const half of halves) {
    const last = spans.at(-1)
    if (last && last[1] === half) last[1] = half + 1
    else spans.push([half, half + 1])
  }
  return spans.map(([from, to]) => `${clock(from)}–${clock(to)}`).join(', ')
}

/** A day so many days later. */
export function dayPlus(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}
