/* The desk's end of the wire: one connection, the lanes of the conversations that are looked at, and what was said but is
   not yet stored. Holds no lists and decides nothing about the screen; it tells what happened. */

import { newClientId } from './client_id.ts'
import { ServerClock } from './clock.ts'
import { Connection, type ConnectionState, type Verdict } from './connection.ts'
import { deskDialect } from './desk_poll.ts'
import type { Cancel, Environment, KeyStore } from './environment.ts'
import { LaneLog } from './lane_log.ts'
import { Outbox, type Pending } from './outbox.ts'
import { pollLink } from './poll_link.ts'
import { CLOSE, type AgentState, type Content, type ContentSent, type DeskWelcome, type Entry, type Incoming, type Lane, type Marks, type Outgoing, type Row, type WireError } from './shapes.ts'
import { socketLink } from './socket_link.ts'

export interface DeskChatOptions {
  env: Environment
  store: KeyStore | null
  /** `https://shop.example`, without a slash at the end. */
  origin: string
  shop: string
  /** Whose outbox this is: lines of one account are never sent by another. */
  account: string
  lang: string
}

export interface DeskChatTells {
  connection(state: ConnectionState): void
  welcome(welcome: DeskWelcome): void
  row(row: Row): void
  /** The whole of mine and queue, from the long poll. */
  rows(rows: Row[]): void
  lanes(conversation: string, added: Entry[]): void
  marks(conversation: string, marks: Marks): void
  state(state: AgentState): void
  /** The live wall, while it is shown: a `Wall` of the API. */
  wall(wall: unknown): void
  /** A buyer of a colleague waits beyond overtime. */
  overtime?(call: { conversation: string; buyer: string; agent: string; seconds: number }): void
  pending(item: Pending): void
  error(error: WireError): void
  /** The session ended on the server: sign in again. */
  expired(): void
}

export interface Lanes {
  buyer: LaneLog
  staff: LaneLog
  /** Both lanes have answered at least once. */
  loaded: boolean
}

/** Conversations kept live at once; the one looked at longest ago goes first. The server allows 32. */
const WATCHED_MAX = 12
/** How long missing entries may take to follow by themselves before they are asked for. */
const GAP_MS_MAX = 1_500

export class DeskChat {
  readonly clock: ServerClock
  #options: DeskChatOptions
  #tells: DeskChatTells
  #connection: Connection
  #outbox: Outbox
  #watched = new Map<string, Lanes>()
  #answered = new Map<string, Set<Lane>>()
  #gap: Cancel | null = null
  #wall = false

  constructor(options: DeskChatOptions, tells: DeskChatTells) {
    const { env, origin, shop } = options
    this.#options = options
    this.#tells = tells
    this.clock = new ServerClock(env)
    const dialect = deskDialect({
      base: `${origin}/api/v1`,
      shop,
      authorisation: () => '',
      held: (conversation) => this.#held(conversation),
    })
    const links = {
      socket: socketLink(env, `${origin}/ws/desk/${encodeURIComponent(shop)}`),
      poll: pollLink(env, dialect),
    }
    this.#connection = new Connection(env, links, {
      hello: () => ({ t: 'hello', v: 1, lang: options.lang }),
      received: (frame) => this.#received(frame),
      changed: (state) => this.#tells.connection(state),
      lost: (code, error) => this.#lost(code, error),
    })
    this.#outbox = new Outbox(env, options.store, `xiaoer.desk.outbox.${shop}.${options.account}`, {
      transmit: (item) => this.#connection.send(wire(item)),
      changed: (item) => this.#tells.pending(item),
      stalled: () => this.#connection.drop(),
    })
  }

  start(): void {
    this.#connection.start()
  }

  stop(): void {
    this.#gap?.()
    this.#gap = null
    this.#outbox.halt()
    this.#connection.stop()
  }

  /** Tries again now instead of waiting out the pause. */
  reconnect(): void {
    this.#connection.restart()
  }

  pending(conversation: string): readonly Pending[] {
    return this.#outbox.items.filter((item) => item.conversation === conversation)
  }

  lanes(conversation: string): Lanes | undefined {
    return this.#watched.get(conversation)
  }

  /** Keeps a conversation live; the first time from `after` on. Watching again only renews its place. */
  watch(conversation: string, after: number, staff_after: number): Lanes {
    const known = this.#watched.get(conversation)
    const lanes = known ?? { buyer: new LaneLog(after), staff: new LaneLog(staff_after), loaded: false }
    this.#watched.delete(conversation)
    this.#watched.set(conversation, lanes)
    if (!known || this.#connection.state.transport === 'poll') this.#ask(conversation)
    const [oldest] = this.#watched.keys()
    if (oldest && this.#watched.size > WATCHED_MAX) this.unwatch(oldest)
    return lanes
  }

  unwatch(conversation: string): void {
    if (!this.#watched.delete(conversation)) return
    this.#answered.delete(conversation)
    this.#connection.send({ t: 'unwatch', conversation })
  }

  /** Shows the live wall from here on, also after a new connection, or no longer. */
  wall(on: boolean): void {
    this.#wall = on
    this.#connection.send({ t: 'wall', on })
  }

  /** Undefined when too much already waits. */
  send(conversation: string, lane: Lane, text: string, answer?: Pending['answer']): string | undefined {
    return this.#say({ conversation, lane, text, op: 'send', ref: 0, answer })
  }

  /** A card, a picture or a file for the buyer; `shown` is what it looks like until the server answers. */
  show(conversation: string, content: ContentSent, shown?: Content): string | undefined {
    return this.#say({ conversation, lane: 'buyer', text: '', op: 'send', ref: 0, content, shown })
  }

  recall(conversation: string, lane: Lane, seq: number): string | undefined {
    return this.#say({ conversation, lane, text: '', op: 'recall', ref: seq })
  }

  retry(id: string): void {
    this.#outbox.retry(id)
  }

  discard(id: string): void {
    this.#outbox.discard(id)
  }

  read(conversation: string, seq: number): void {
    this.#connection.send({ t: 'read', conversation, seq })
  }

  #say(what: Pick<Pending, 'conversation' | 'lane' | 'text' | 'op' | 'ref' | 'content' | 'shown' | 'answer'>): string | undefined {
    const { env } = this.#options
    const id = newClientId(env.now(), () => env.random())
    const rest = { id, at: this.clock.now(), state: 'waiting', seq: 0, error: null } as const
    return this.#outbox.add({ ...what, ...rest }) ? id : undefined
  }

  #received(frame: Incoming): void {
    if ('now' in frame) this.clock.learn(frame.now)
    if (frame.t === 'welcome' && 'rows' in frame) this.#welcomed(frame)
    else if (frame.t === 'entries') this.#merge(frame.conversation, frame.lane, frame.entries, frame.last_seq)
    else if (frame.t === 'entry') this.#merge(frame.conversation, frame.entry.lane, [frame.entry])
    else if (frame.t === 'erased') this.#erase(frame.conversation, frame.lane, frame.seqs)
    else if (frame.t === 'ack') this.#outbox.ack(frame.id, frame.seq, frame.at)
    else if (frame.t === 'nack') this.#outbox.nack(frame.id, frame.error)
    else if (frame.t === 'marks') this.#tells.marks(frame.conversation, frame.marks)
    else if (frame.t === 'row') this.#tells.row(frame.row)
    else if (frame.t === 'rows') this.#tells.rows(frame.rows)
    else if (frame.t === 'state') this.#tells.state(frame.state)
    else if (frame.t === 'wall') this.#tells.wall(frame.wall)
    else if (frame.t === 'overtime') this.#tells.overtime?.(frame)
    else if (frame.t === 'error') this.#tells.error(frame.error)
  }

  #welcomed(welcome: DeskWelcome): void {
    this.#tells.welcome(welcome)
    for (const conversation of this.#watched.keys()) this.#ask(conversation)
    if (this.#wall) this.#connection.send({ t: 'wall', on: true })
    this.#outbox.resume()
  }

  #merge(conversation: string, lane: Lane, entries: readonly Entry[], last_seq?: number): void {
    const lanes = this.#watched.get(conversation)
    if (!lanes) return
    const added = lanes[lane].merge(entries, last_seq)
    if (last_seq !== undefined) this.#answeredBy(conversation, lane, lanes)
    for (const entry of entries) if (entry.client_id) this.#outbox.settle(entry.client_id)
    this.#tells.lanes(conversation, added)
    if (lanes[lane].has_gap) this.#watchGap()
  }

  #erase(conversation: string, lane: Lane, seqs: readonly number[]): void {
    this.#watched.get(conversation)?.[lane].erase(seqs)
    this.#tells.lanes(conversation, [])
  }

  #answeredBy(conversation: string, lane: Lane, lanes: Lanes): void {
    const answered = this.#answered.get(conversation) ?? new Set()
    this.#answered.set(conversation, answered.add(lane))
    lanes.loaded = answered.size === 2 && !lanes.buyer.has_gap
  }

  /** Missing entries follow by themselves; when they do not, ask from where the lane is whole. */
  #watchGap(): void {
    this.#gap ??= this.#options.env.after(GAP_MS_MAX, () => {
      this.#gap = null
      for (const [conversation, lanes] of this.#watched) {
        if (lanes.buyer.has_gap || lanes.staff.has_gap) this.#ask(conversation)
      }
    })
  }

  #ask(conversation: string): void {
    this.#connection.send({ t: 'watch', conversation, ...this.#held(conversation) })
  }

  #held(conversation: string): { after: number; staff_after: number } {
    const lanes = this.#watched.get(conversation)
    return { after: lanes?.buyer.after ?? 0, staff_after: lanes?.staff.after ?? 0 }
  }

  #lost(code: number, error: WireError | null): Verdict {
    if (code === CLOSE.malformed || code === CLOSE.frame_too_big) {
      this.#outbox.blame(error ?? { code: code === CLOSE.malformed ? 'bad_request' : 'too_big', message: '' })
    }
    this.#outbox.halt()
    if (code === CLOSE.token) this.#tells.expired()
    if (code === CLOSE.token || code === CLOSE.refused) return 'stop'
    return code === CLOSE.too_slow ? 'now' : 'again'
  }
}

function wire(item: Pending): Outgoing {
  const { id, conversation, lane } = item
  if (item.op === 'recall') return { t: 'recall', id, conversation, lane, seq: item.ref }
  return { t: 'send', id, conversation, lane, text: item.text || undefined, content: item.content, ...item.answer }
}
