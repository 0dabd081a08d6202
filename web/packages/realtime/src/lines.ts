/* What a reader sees: the log, then what was said here and is not in it yet. The optimistic line and the entry that replaces it have the
   same `key`, so a list keeps its element. */

import type { LiveLog } from './live_log.ts'
import type { Pending } from './outbox.ts'
import type { Author, Entry, Marks, WireError } from './shapes.ts'

export type LineState = 'received' | 'waiting' | 'sent' | 'read' | 'failed'

export interface Line {
  key: string
  /** `seq` is 0 while the server has not numbered it. */
  entry: Entry
  state: LineState
  error: WireError | null
  /** A recall of it is on its way. */
  recalling: boolean
}

/** `mine` tells whose lines carry a state; `read_to` is how far the other side has read. */
export function linesOf(
  log: LiveLog,
  pending: readonly Pending[],
  mine: (by: Author) => boolean,
  read_to: number,
  me: Author,
): Line[] {
  const recalling = new Set(pending.filter((item) => item.op === 'recall').map((item) => item.ref))
  const settled = log.entries
    .filter((entry) => entry.kind !== 'recall')
    .map((entry): Line => ({
      key: entry.client_id ? entry.by.side + entry.client_id : `${entry.lane}${entry.seq}`,
      entry,
      state: !mine(entry.by) ? 'received' : entry.seq <= read_to ? 'read' : 'sent',
      error: null,
      recalling: recalling.has(entry.seq),
    }))
  const unsettled = pending
    .filter((item) => item.op === 'send')
    .sort((a, b) => (a.seq || Infinity) - (b.seq || Infinity) || 0)
    .map((item): Line => ({
      key: me.side + item.id,
      entry: {
        lane: item.lane, seq: item.seq, at: item.at, kind: 'message', message: 'human', by: me, text: item.text,
        client_id: item.id, content: item.shown,
      },
      state: item.state,
      error: item.error,
      recalling: false,
    }))
  return [...settled, ...unsettled]
}

export function mergeMarks(a: Marks, b: Marks): Marks {
  return { buyer: Math.max(a.buyer, b.buyer), staff: Math.max(a.staff, b.staff) }
}
