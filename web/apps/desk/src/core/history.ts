/** Fetching what lies before the newest lines: page by page upward, or a stretch around one line. */
import type { DeskChat, Entry, Lane, Lanes } from '@xiaoer/realtime'
import type { Api } from './api'
import type { Entries } from './wire'

export interface Stretch {
  entries: Entry[]
  notes: Entry[]
}

export interface History {
  /** One page upward, with the notes that belong to it. */
  older(conversation: string, lanes: Lanes): Promise<void>
  /** One message as the server has it now. */
  one(conversation: string, seq: number): Promise<Entry | undefined>
  /** Notes as far back as the messages that are here. */
  fillNotes(conversation: string, lanes: Lanes): Promise<void>
  /** The lines around `seq`. Undefined when they now join the newest ones. */
  around(conversation: string, lanes: Lanes, seq: number): Promise<Stretch | undefined>
  /** A page before or after a stretch. Undefined when it now joins the newest lines. */
  extend(conversation: string, lanes: Lanes, stretch: Stretch, way: 'older' | 'newer'): Promise<Stretch | undefined>
}

const PAGE = 80
const AROUND = 30
/** Pages of notes fetched to catch up with one page of messages. */
const NOTE_PAGES_MAX = 5

export function createHistory(api: Api, shop: string): History {
  function page(conversation: string, lane: Lane, query: { before?: number; after?: number }, limit = PAGE): Promise<Entry[]> {
    const path = `/shops/${shop}/conversations/${conversation}/entries`
    return api.get<Entries>(path, { query: { lane, ...query, limit } }).then(({ entries }) => entries)
  }

  async function older(conversation: string, lanes: Lanes): Promise<void> {
    const first = firstSeq(lanes, 'buyer')
    if (first > 1) lanes.buyer.prepend(await page(conversation, 'buyer', { before: first }))
    await fillNotes(conversation, lanes)
  }

  async function fillNotes(conversation: string, lanes: Lanes): Promise<void> {
    const from = lanes.buyer.has_older ? (lanes.buyer.entries[0]?.at ?? Infinity) : 0
    for (let n = 0; n < NOTE_PAGES_MAX && needsNotes(lanes, from); n += 1) {
      const before = firstSeq(lanes, 'staff')
      const notes = await page(conversation, 'staff', { before })
      if (notes.length === 0) return
      lanes.staff.prepend(notes)
    }
  }

  async function around(conversation: string, lanes: Lanes, seq: number): Promise<Stretch | undefined> {
    const entries = await page(conversation, 'buyer', { before: seq + AROUND + 1 }, 2 * AROUND)
    return joined(lanes, { entries, notes: [] })
  }

  async function extend(conversation: string, lanes: Lanes, stretch: Stretch, way: 'older' | 'newer'): Promise<Stretch | undefined> {
    const { entries, notes } = stretch
    const first = entries[0]?.seq ?? 1
    if (way === 'newer') {
      const more = await page(conversation, 'buyer', { after: entries.at(-1)?.seq ?? 0 })
      return joined(lanes, { entries: [...entries, ...more], notes })
    }
    const more = first > 1 ? await page(conversation, 'buyer', { before: first }) : []
    return { entries: [...more, ...entries], notes }
  }

  const one = (conversation: string, seq: number): Promise<Entry | undefined> =>
    page(conversation, 'buyer', { after: seq - 1 }, 1).then(([entry]) => (entry?.seq === seq ? entry : undefined))

  return { older, one, fillNotes, around, extend }
}

/** The newest lines the desk asks for when a conversation is opened. */
export const OPENING_LINES = 60
const OPENING_NOTES = 30

export function watchFromEnd(chat: DeskChat, conversation: string, ends: { last_seq: number; staff_seq: number }): Lanes {
  const after = Math.max(0, ends.last_seq - OPENING_LINES)
  const staff_after = Math.max(0, ends.staff_seq - OPENING_NOTES)
  return chat.watch(conversation, after, staff_after)
}

/** Notes older than the oldest message shown would float at the top: they wait for their page. */
export function notesInReach(lanes: Lanes): Entry[] {
  const from = lanes.buyer.has_older ? (lanes.buyer.entries[0]?.at ?? 0) : 0
  return lanes.staff.entries.filter((note) => note.at >= from)
}

function needsNotes(lanes: Lanes, from: number): boolean {
  return lanes.staff.has_older && (lanes.staff.entries[0]?.at ?? Infinity) > from
}

function firstSeq(lanes: Lanes, lane: Lane): number {
  return lanes[lane].entries[0]?.seq ?? lanes[lane].after + 1
}

function joined(lanes: Lanes, stretch: Stretch): Stretch | undefined {
  const last = stretch.entries.at(-1)?.seq ?? 0
  if (last < firstSeq(lanes, 'buyer') - 1) return stretch
  lanes.buyer.prepend(stretch.entries)
  return undefined
}
