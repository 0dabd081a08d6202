/**
 * From two lanes of entries to the lines of a thread: days, speech, notes, what the system did, and where
 * the open turn begins. Pure, so that the picture can be tested without one.
 */
import type { Content, Entry } from '@xiaoer/realtime'
import { sameDay } from '@xiaoer/ui'

export type Speaker = 'buyer' | 'me' | 'colleague' | 'robot' | 'auto' | 'shop'

export interface PendingLine {
  id: string
  lane: 'buyer' | 'staff'
  text: string
  /** What stands beside the text, as it looks until the server has answered. */
  shown?: Content | undefined
  at: number
  state: 'waiting' | 'sent' | 'failed'
  /** Error code when it failed. */
  code?: string
}

export type Line =
  | { type: 'day'; key: string; at: number }
  | { type: 'system'; key: string; at: number; entry: Entry }
  | { type: 'recalled'; key: string; at: number; entry: Entry; speaker: Speaker }
  | { type: 'erased'; key: string; at: number; entry: Entry }
  | { type: 'note'; key: string; at: number; entry: Entry }
  | { type: 'speech'; key: string; at: number; entry: Entry; speaker: Speaker; head: boolean; tail: boolean }
  | { type: 'pending'; key: string; at: number; line: PendingLine }

export interface ThreadPicture {
  before: Line[]
  /** From the buyer's first unanswered line on; empty when nobody waits. */
  turn: Line[]
}

export interface ThreadSource {
  entries: Entry[]
  notes: Entry[]
  pending: PendingLine[]
  waiting_since: number | null
  marks: { buyer: number }
  me: string
  zone: string
}

/** Lines of one speaker closer than this stand together. */
const TOGETHER_MICROS = 3 * 60 * 1_000_000

export function drawThread(source: ThreadSource): ThreadPicture {
  const lines: Line[] = []
  let turnAt = -1
  for (const entry of mergeLanes(source.entries, source.notes)) {
    const line = lineOf(entry, source.me)
    if (!line) continue
    addDay(lines, line.at, source.zone)
    if (turnAt < 0 && beginsTurn(line, source.waiting_since)) turnAt = lines.length
    lines.push(line)
  }
  for (const line of source.pending) lines.push({ type: 'pending', key: line.id, at: line.at, line })
  group(lines, source.marks.buyer, source.zone)
  return turnAt < 0 ? { before: lines, turn: [] } : { before: lines.slice(0, turnAt), turn: lines.slice(turnAt) }
}

/** Both lanes by time. Each lane keeps its own order even if a clock stood still. */
export function mergeLanes(entries: Entry[], notes: Entry[]): Entry[] {
  const merged: Entry[] = []
  let n = 0
  for (const entry of entries) {
    while (n < notes.length && notes[n]!.at < entry.at) merged.push(notes[n++]!)
    merged.push(entry)
  }
  return merged.concat(notes.slice(n))
}

function lineOf(entry: Entry, me: string): Line | undefined {
  const key = `${entry.lane}-${entry.seq}`
  const common = { key, at: entry.at, entry }
  if (entry.kind === 'message' && entry.recalled) return { type: 'recalled', ...common, speaker: speakerOf(entry, me) }
  if (entry.kind === 'message' && !entry.text && !entry.content) return { type: 'erased', ...common }
  if (entry.kind === 'message' && entry.lane === 'staff') return { type: 'note', ...common }
  if (entry.kind === 'message') return { type: 'speech', ...common, speaker: speakerOf(entry, me), head: true, tail: true }
  if (entry.kind === 'open' || entry.kind === 'transfer' || entry.kind === 'close' || entry.kind === 'notice')
    return { type: 'system', ...common }
  return undefined
}

function speakerOf(entry: Entry, me: string): Speaker {
  if (entry.by.side === 'agent') return entry.by.id === me ? 'me' : 'colleague'
  if (entry.message === 'auto') return 'auto'
  if (entry.by.side === 'robot') return 'robot'
  return entry.by.side === 'buyer' ? 'buyer' : 'shop'
}

function beginsTurn(line: Line, waiting_since: number | null): boolean {
  return waiting_since !== null && line.type === 'speech' && line.speaker === 'buyer' && line.at >= waiting_since
}

function addDay(lines: Line[], at: number, zone: string): void {
  const before = lines.at(-1)
  if (!before || !sameDay(before.at, at, zone)) lines.push({ type: 'day', key: `day-${at}`, at })
}

function group(lines: Line[], readByBuyer: number, zone: string): void {
  for (let n = 1; n < lines.length; n += 1) {
    const above = lines[n - 1]!
    const line = lines[n]!
    if (above.type !== 'speech' || line.type !== 'speech' || !standTogether(above.entry, line.entry, zone)) continue
    line.head = false
    const bothRead = above.entry.seq <= readByBuyer === line.entry.seq <= readByBuyer
    above.tail = line.speaker !== 'buyer' && !bothRead
  }
}

function standTogether(a: Entry, b: Entry, zone: string): boolean {
  return a.by.side === b.by.side && a.by.id === b.by.id && b.at - a.at < TOGETHER_MICROS && sameDay(a.at, b.at, zone)
}
