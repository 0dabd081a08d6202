/* What travels: the shapes of docs/PROTOCOL.md, written by hand because frames are not part of the HTTP description.
   Nothing here has behaviour. Times are microseconds since 1970, ids are opaque text. */

export type Lane = 'buyer' | 'staff'
export type Side = 'buyer' | 'agent' | 'robot' | 'system'
export type MessageKind = 'human' | 'suggested' | 'robot' | 'auto' | 'system' | 'card'
/** Kinds known today. A later server may send others: count their seq, show nothing. */
export type EntryKind = 'message' | 'recall' | 'open' | 'transfer' | 'close' | 'notice'
export type Params = Record<string, string | number | null>

/** What a message is beside its text, as the server resolved it (PROTOCOL §3). Addresses are relative to the server unless they are whole. */
export type Content =
  | { t: 'image'; id: string; name: string; bytes: number; width: number; height: number; url: string; thumb: string }
  | { t: 'file'; id: string; name: string; bytes: number; mime: string; url: string }
  | { t: 'product'; sku: string; title: string; price: number | null; currency: string | null; image: string | null; link: string | null }
  | { t: 'order'; number: string; state: string; placed_at: number; total: number; currency: string; items: { title: string; count: number }[]; more: number }
  | { t: 'address'; number: string; name: string; phone: string; address: string }
  | { t: 'answer'; ref: number; value: 'confirmed' | 'change' }
  | { t: 'nudge' }

/** What a send names; the server makes the whole of it. What it will show meanwhile may stand beside. */
export type ContentSent = { t: Content['t'] } & Partial<Record<'id' | 'sku' | 'number' | 'value', string>> & { ref?: number }

/** A page that a buyer looks at. */
export interface ViewedPage {
  sku?: string
  title: string
  price?: number
  currency?: string
  image?: string
  link?: string
}

export interface Author {
  side: Side
  id?: string
  name?: string
}

export interface Entry {
  lane: Lane
  seq: number
  at: number
  kind: EntryKind
  by: Author
  message?: MessageKind
  text?: string
  content?: Content | undefined
  recalled?: boolean
  ref?: number
  code?: string
  params?: Params
  client_id?: string
  session?: string
}

export interface Marks {
  buyer: number
  staff: number
}

export interface Reception {
  state: 'none' | 'queued' | 'active'
  on_duty: boolean
  agent: { name: string; signature?: string } | null
  /** While it queues: place in the line; 1 is next. */
  position?: number
  /** While it queues: seconds that are expected from now on. */
  wait_s?: number
  /** What the shop says to everybody for a time. */
  notice?: { zh: string; en: string }
}

export interface AgentRef {
  id: string
  name: string
}

export interface SessionView {
  id: string
  state: 'queued' | 'active' | 'closed'
  agent: AgentRef | null
  opened_at: number
  /** Why this agent; while it queues, what it waits for. */
  why: { code: string; params: Params } | null
  /** The buyer left the queue then and has not returned. */
  left_at?: number
  /** The agent looks into it until then. */
  checking_until?: number
}

export interface BuyerView {
  id: string
  name: string
  ref?: string | null
  identified: boolean
}

export interface LastLine {
  seq: number
  at: number
  side: Side
  kind: EntryKind
  preview: string
}

export type Stage = 'pre_sales' | 'in_sales' | 'after_sales'

export type Priority = 'normal' | 'high' | 'vip'

export interface Tag {
  id: number
  name: string
}

export interface Row {
  conversation: string
  buyer: BuyerView
  last: LastLine | null
  unread: number
  waiting_since: number | null
  session: SessionView | null
  marks: Marks
  last_seq: number
  staff_seq: number
  /** From the latest order. */
  stage?: Stage
  /** Left when nobody was on duty, and nobody has taken it. */
  left?: boolean
  viewing?: ViewedPage & { at: number }
  /** How the buyer is received. */
  priority?: Priority
  tags?: Tag[]
  /** Somebody is asked to take it over; until then the giver keeps it. */
  transfer?: PendingTransfer
  /** Colleagues who joined the open session. */
  helpers?: Helper[]
}

export interface PendingTransfer {
  from: AgentRef
  to?: AgentRef
  group?: AgentRef
  /** Everybody who may accept. */
  receivers: string[]
  valid_until: number
  note?: string
}

export interface Helper extends AgentRef {
  may_speak: boolean
}

export interface WireError {
  code: string
  message: string
  params?: Params
  request?: string
}

export interface Limits {
  text_chars_max: number
  frame_bytes_max: number
  page_entries_max: number
  recall_seconds_max: number
  [name: string]: number
}

export interface ShopRef {
  key: string
  name: string
}

export type AgentState = 'available' | 'away' | 'invisible' | 'suspended_meal' | 'suspended_break' | 'suspended_training' | 'suspended_meeting'

export interface Me {
  id: string
  name: string
  state: AgentState
  roles: string[]
}

export interface BuyerWelcome {
  t: 'welcome'
  v: number
  now: number
  token?: string
  shop: ShopRef
  conversation: string
  buyer: { name: string; identified: boolean }
  last_seq: number
  marks: Marks
  reception: Reception
  limits: Limits
}

export interface DeskWelcome {
  t: 'welcome'
  v: number
  now: number
  me: Me
  shop: ShopRef
  rows: Row[]
  limits: Limits
}

export interface EntriesFrame {
  t: 'entries'
  conversation: string
  lane: Lane
  entries: Entry[]
  last_seq: number
}

/** Everything a server may send after `welcome`. */
export type Incoming =
  | EntriesFrame
  | { t: 'entry'; conversation: string; entry: Entry }
  /** Lines that show nothing any more. */
  | { t: 'erased'; conversation: string; lane: Lane; seqs: number[] }
  | { t: 'ack'; id: string; seq: number; at: number }
  | { t: 'nack'; id: string; error: WireError }
  | { t: 'marks'; conversation: string; marks: Marks }
  | { t: 'reception'; reception: Reception }
  | { t: 'row'; row: Row }
  /** Never on the wire: the long poll reports its snapshot of the lists this way. */
  | { t: 'rows'; rows: Row[] }
  | { t: 'state'; state: AgentState }
  | { t: 'wall'; wall: unknown }
  /** To whoever leads: a buyer of a colleague waits beyond overtime. */
  | { t: 'overtime'; conversation: string; buyer: string; agent: string; seconds: number }
  | { t: 'pong'; now: number }
  | { t: 'error'; error: WireError }
  | BuyerWelcome
  | DeskWelcome

/** Everything a client may send. `hello` is always the first. */
export type Outgoing =
  | { t: 'hello'; v: 1; token?: string; identity?: string; lang: string; after?: number }
  | { t: 'send'; id: string; text?: string | undefined; content?: ContentSent | undefined; conversation?: string; lane?: Lane; confirmed?: string[]; reason?: string; phrase?: number }
  | { t: 'viewing'; page: ViewedPage | null }
  | { t: 'recall'; id: string; seq: number; conversation?: string; lane?: Lane }
  | { t: 'read'; seq: number; conversation?: string }
  | { t: 'watch'; conversation: string; after: number; staff_after: number }
  | { t: 'unwatch'; conversation: string }
  | { t: 'wall'; on: boolean }
  | { t: 'ping' }

export type Hello = Extract<Outgoing, { t: 'hello' }>

/** Close codes of the WebSocket that mean something to a client. */
export const CLOSE = {
  malformed: 4000,
  token: 4001,
  refused: 4003,
  too_many_frames: 4008,
  frame_too_big: 4009,
  too_slow: 4010,
  going_away: 1001,
  restarting: 1012,
  broken: 1006,
} as const

/** What the server uses until `welcome` says otherwise. */
export const LIMITS_DEFAULT: Limits = {
  text_chars_max: 2000,
  frame_bytes_max: 16384,
  page_entries_max: 200,
  recall_seconds_max: 120,
}
