/**
 * What the shop's rules say of a text that is about to be sent. Quiet while somebody types, asked after a short pause and
 * again when it is to be sent; the server decides in any case.
 */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { Api } from './api'

export interface Finding {
  rule: string
  level: 'warn' | 'ask' | 'block'
  start: number
  end: number
  said: string
  better?: string
}

/** An answer to what rules ask: it shall leave all the same. */
export interface Confirmed {
  confirmed: string[]
  reason: string
}

export interface Watched {
  /** The text that the findings are of. */
  text: string
  findings: Finding[]
  /** Somebody pressed send and a rule keeps the text back. */
  held: boolean
}

/** Pause in typing after which a text is looked at. */
const PAUSE_MS = 500
/** Longer than this nobody waits at the send key: the server looks anyway. */
const ANSWER_MS_MAX = 1_500
/** Conversations whose findings are kept. */
const KEPT_MAX = 20

const NOTHING: Watched = { text: '', findings: [], held: false }

export const useGuard = defineStore('guard', () => {
  const watched = ref(new Map<string, Watched>())
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  let api: Api | undefined
  let shop = ''

  function open(client: Api, key: string): void {
    api = client
    shop = key
    timers.forEach(clearTimeout)
    timers.clear()
    watched.value = new Map()
  }

  function of(conversation: string): Watched {
    return watched.value.get(conversation) ?? NOTHING
  }

  function keep(conversation: string, state: Watched): void {
    watched.value.delete(conversation)
    watched.value.set(conversation, state)
    const [oldest] = watched.value.keys()
    if (oldest && watched.value.size > KEPT_MAX) watched.value.delete(oldest)
  }

  /** Undefined: nobody answered in time. */
  async function ask(conversation: string, text: string): Promise<Finding[] | undefined> {
    if (!api) return undefined
    const path = `/shops/${shop}/conversations/${conversation}/guard`
    try {
      const { findings } = await api.post<{ findings: Finding[] }>(path, { text }, { signal: AbortSignal.timeout(ANSWER_MS_MAX) })
      return findings
    } catch {
      return undefined
    }
  }

  /** The text changed: what was found of another one goes, the new one is looked at after a pause. */
  function look(conversation: string, text: string): void {
    clearTimeout(timers.get(conversation))
    const known = of(conversation)
    if (known.text === text && text) return
    const still = known.findings.filter((one) => text.slice(one.start, one.end) === one.said)
    // What still stands is shown until the new text is looked at; of that text it says nothing.
    if (known.text || known.findings.length) keep(conversation, { text: '', findings: text ? still : [], held: false })
    if (!text.trim()) return
    const later = async (): Promise<void> => {
      const findings = await ask(conversation, text)
      if (findings) keep(conversation, { text, findings, held: false })
    }
    timers.set(conversation, setTimeout(() => void later(), PAUSE_MS))
  }

  /** Whether a text may leave now. False: it is held, and the row above the field says why. */
  async function passes(conversation: string, text: string): Promise<boolean> {
    clearTimeout(timers.get(conversation))
    const known = of(conversation)
    const findings = known.text === text ? known.findings : await ask(conversation, text)
    if (!findings) return true
    const stopped = findings.some((one) => one.level !== 'warn')
    keep(conversation, { text, findings, held: stopped })
    return !stopped
  }

  function clear(conversation: string): void {
    clearTimeout(timers.get(conversation))
    watched.value.delete(conversation)
  }

  /** Lines leave in the order in which they were sent, however long the rules take for each. */
  let leaving = Promise.resolve()
  function inTurn(leave: () => Promise<void>): void {
    leaving = leaving.then(leave).catch(() => undefined)
  }

  /** When everything that was sent has left or is back in its field: what ends a session waits for that. */
  function settled(): Promise<void> {
    return leaving
  }

  return { open, of, look, passes, clear, inTurn, settled }
})

/** The text with the better wording in the place of what was found. */
export function bettered(text: string, finding: Finding): string {
  if (!finding.better) return text
  // A better message stands for the whole of it.
  const whole = finding.said.length >= text.trim().length
  return whole ? finding.better : text.slice(0, finding.start) + finding.better + text.slice(finding.end)
}

/** A text cut where findings begin and end; of overlapping ones the first. */
export function marked(text: string, findings: readonly Finding[]): { text: string; level: Finding['level'] | undefined }[] {
  const parts: { text: string; level: Finding['level'] | undefined }[] = []
  let at = 0
  for (const one of [...findings].sort((a, b) => a.start - b.start)) {
    if (one.start < at || text.slice(one.start, one.end) !== one.said) continue
    if (one.start > at) parts.push({ text: text.slice(at, one.start), level: undefined })
    parts.push({ text: one.said, level: one.level })
    at = one.end
  }
  if (at < text.length) parts.push({ text: text.slice(at), level: undefined })
  return parts
}
