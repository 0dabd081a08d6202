/* The buyer's side: one visitor, one conversation. Holds the log, the outbox, marks and reception; the page draws them. */

import type { BuyerPollPorts } from './buyer_poll.ts'
import { newClientId } from './client_id.ts'
import { ServerClock } from './clock.ts'
import { Connection, type ConnectionState, type Verdict } from './connection.ts'
import type { Cancel, Environment, KeyStore } from './environment.ts'
import { linesOf, mergeMarks, type Line } from './lines.ts'
import { lazyLink } from './link.ts'
import { LiveLog } from './live_log.ts'
import { Outbox, type Pending } from './outbox.ts'
import {
  CLOSE, LIMITS_DEFAULT, type BuyerWelcome, type Content, type ContentSent, type Entry, type Hello, type Incoming, type Limits,
  type Marks, type Outgoing, type Reception, type WireError,
} from './shapes.ts'
import { socketLink } from './socket_link.ts'

export type BuyerEvent =
  | { type: 'connection'; state: ConnectionState }
  | { type: 'welcome'; welcome: BuyerWelcome }
  /** Lines, their states or marks are different now. */
  | { type: 'lines' }
  /** New lines of the other side, after the log was complete once. */
  | { type: 'arrived'; entries: Entry[] }
  | { type: 'reception' }
  /** Something asked for was refused: a recall, an identity. */
  | { type: 'refused'; error: WireError }

export interface BuyerOptions {
  env: Environment
  store: KeyStore
  /** Where the server is, without a slash at the end. */
  base: string
  shop: string
  lang: string
  tell(event: BuyerEvent): void
  /** Where the code of the HTTP fallback comes from; fetched when needed unless the caller has it already. */
  loadPoll?: () => Promise<typeof import('./buyer_poll.ts')>
}

/** How long a hole in the log may last before we ask for it ourselves. */
const GAP_MS = 1_500
const TOKEN = 'xiaoer.token.'
const OUTBOX = 'xiaoer.outbox.'

export class BuyerSession {
  readonly clock: ServerClock
  log = new LiveLog()
  marks: Marks = { buyer: 0, staff: 0 }
  reception: Reception = { state: 'none', on_duty: true, agent: null }
  limits: Limits = LIMITS_DEFAULT
  welcome: BuyerWelcome | null = null
  /** True once the log has reached what the first welcome announced. */
  complete = false
  #o: BuyerOptions
  #connection: Connection
  #outbox: Outbox
  #identity = ''
  #hello: { token: string; after: number } = { token: '', after: 0 }
  #token_refused = false
  #gap: Cancel | null = null
  #poll: BuyerPollPorts
  #loadPoll: NonNullable<BuyerOptions['loadPoll']>

  constructor(options: BuyerOptions) {
    const { env, base, shop, store } = options
    this.#o = options
    this.clock = new ServerClock(env)
    this.#poll = { base, shop, token: () => this.token, after: () => this.log.after }
    this.#loadPoll = options.loadPoll ?? (() => import('./buyer_poll.ts'))
    const poll = lazyLink(async () => (await this.#loadPoll()).buyerPollLink(env, this.#poll))
    this.#connection = new Connection(
      env,
      { socket: socketLink(env, `${base}/ws/widget/${encodeURIComponent(shop)}`), poll },
      {
        hello: () => this.#sayHello(),
        received: (frame) => this.#received(frame),
        changed: (state) => this.#changed(state),
        lost: (code, error) => this.#lost(code, error),
      },
    )
    this.#outbox = new Outbox(env, store, OUTBOX + shop, {
      transmit: (item) => this.#transmit(item),
      changed: (item) => this.#answered(item),
      stalled: () => this.#connection.drop(),
    })
  }

  get connection(): ConnectionState {
    return this.#connection.state
  }

  /** Somebody spoke here before, in this browser. */
  get is_known(): boolean {
    return !!this.token
  }

  get lines(): Line[] {
    const mine = (by: Entry['by']) => by.side === 'buyer'
    return linesOf(this.log, this.#outbox.items, mine, this.marks.staff, { side: 'buyer' })
  }

  /** Messages of the other side that were not marked read here. */
  get unread(): number {
    const counts = (entry: Entry) =>
      entry.seq > this.marks.buyer && entry.by.side !== 'buyer' && entry.kind === 'message' && !entry.recalled
    return this.log.entries.filter(counts).length
  }

  start(): void {
    this.#connection.start()
  }

  stop(): void {
    this.#gap?.()
    this.#connection.stop()
  }

  /** Tries again now, whatever the back-off says. */
  reconnect(): void {
    this.#connection.restart()
  }

  /** The text goes out now or as soon as possible, with what is named beside it. False when too much is waiting already. */
  send(text: string, content?: ContentSent, shown?: Content): boolean {
    return this.#add('send', text, 0, content, shown)
  }

  /** Any frame that may get lost: false when there is no connection. */
  tell(frame: Outgoing): boolean {
    return this.#connection.send(frame)
  }

  recall(seq: number): boolean {
    return this.#add('recall', '', seq)
  }

  retry(id: string): void {
    this.#outbox.retry(id)
  }

  discard(id: string): void {
    this.#outbox.discard(id)
  }

  /** The person has seen everything up to `seq`. */
  read(seq: number): void {
    if (seq <= this.marks.buyer) return
    this.marks = { ...this.marks, buyer: seq }
    this.#connection.send({ t: 'read', seq })
    this.#o.tell({ type: 'lines' })
  }

  /** Binds this visitor to the customer the shop has signed. */
  identify(jwt: string): void {
    this.#identity = jwt
    this.#connection.restart()
  }

  /** Forgets the visitor on this device; the next `start` is somebody new. */
  logout(): void {
    this.#identity = ''
    this.#o.store.write(TOKEN + this.#o.shop, null)
    this.#outbox.clear()
    this.#forget()
    this.#connection.stop()
  }

  /** Another tab changed who the visitor is. */
  reload(): void {
    if (this.connection.phase === 'idle' || this.#hello.token === this.token) return
    this.#forget()
    this.#connection.restart()
  }

  /** Who the visitor is, for the calls of the page itself. */
  get token(): string {
    return this.#o.store.read(TOKEN + this.#o.shop) ?? ''
  }

  #sayHello(): Hello {
    const token = this.token
    this.#hello = { token, after: this.log.after }
    const hello: Hello = { t: 'hello', v: 1, lang: this.#o.lang, after: this.log.after }
    if (token) hello.token = token
    if (this.#identity) hello.identity = this.#identity
    return hello
  }

  #received(frame: Incoming): void {
    if ('conversation' in frame && frame.t !== 'welcome' && frame.conversation !== this.welcome?.conversation) return
    if (frame.t === 'welcome') this.#welcomed(frame as BuyerWelcome)
    else if (frame.t === 'entries') this.#merge(frame.entries, frame.last_seq)
    else if (frame.t === 'entry') this.#merge([frame.entry])
    else if (frame.t === 'erased') {
      this.log.erase(frame.seqs)
      this.#o.tell({ type: 'lines' })
    } else if (frame.t === 'ack') this.#outbox.ack(frame.id, frame.seq, frame.at)
    else if (frame.t === 'nack') this.#outbox.nack(frame.id, frame.error)
    else if (frame.t === 'pong') this.clock.learn(frame.now)
    else if (frame.t === 'marks') this.#marked(frame.marks)
    else if (frame.t === 'reception') {
      this.reception = frame.reception
      this.#o.tell({ type: 'reception' })
    }
  }

  #welcomed(welcome: BuyerWelcome): void {
    this.clock.learn(welcome.now)
    this.#token_refused = false
    const stored = this.token
    if (welcome.token) {
      /* Two tabs opened at once and each became a visitor: the first one to be stored wins. */
      if (stored && !this.#hello.token && stored !== welcome.token) return this.#connection.restart()
      this.#o.store.write(TOKEN + this.#o.shop, welcome.token)
      this.#hello.token = welcome.token
    }
    const other = this.welcome && this.welcome.conversation !== welcome.conversation
    if (other || welcome.last_seq < this.log.after) this.#forget()
    this.welcome = welcome
    if (welcome.buyer.identified) this.#identity = ''
    this.#outbox.adopt(welcome.conversation)
    if (this.#hello.after > this.log.after) return this.#connection.restart()
    this.limits = { ...LIMITS_DEFAULT, ...welcome.limits }
    this.reception = welcome.reception
    const read_here = this.marks.buyer
    this.marks = mergeMarks(this.marks, welcome.marks)
    if (read_here > welcome.marks.buyer) this.#connection.send({ t: 'read', seq: read_here })
    this.#o.tell({ type: 'welcome', welcome })
    this.#merge([], welcome.last_seq)
    this.#outbox.resume()
  }

  #merge(entries: Entry[], last_seq = 0): void {
    const added = this.log.merge(entries, last_seq)
    for (const entry of added) {
      if (entry.by.side === 'buyer' && entry.client_id) this.#outbox.settle(entry.client_id)
      /* Who answers has read what came before. */
      if (entry.by.side === 'agent') this.marks.staff = Math.max(this.marks.staff, entry.seq)
    }
    const was_complete = this.complete
    this.#watchGap()
    this.#o.tell({ type: 'lines' })
    const theirs = added.filter((entry) => entry.by.side !== 'buyer')
    if (was_complete && theirs.length) this.#o.tell({ type: 'arrived', entries: theirs })
  }

  #watchGap(): void {
    this.#gap?.()
    this.#gap = null
    if (!this.log.has_gap) this.complete = true
    else this.#gap = this.#o.env.after(GAP_MS, () => void this.#fetchGap())
  }

  async #fetchGap(): Promise<void> {
    if (this.connection.phase !== 'ready') return
    const asked_by = this.welcome?.conversation
    try {
      const news = await (await this.#loadPoll()).fetchGap(this.#o.env, this.#poll)
      if (asked_by === this.welcome?.conversation) this.#merge(news.entries, news.last_seq)
    } catch {
      this.#connection.drop()
    }
  }

  #marked(marks: Marks): void {
    const before = this.marks
    this.marks = mergeMarks(before, marks)
    if (before.buyer !== this.marks.buyer || before.staff !== this.marks.staff) this.#o.tell({ type: 'lines' })
  }

  #changed(state: ConnectionState): void {
    if (state.phase !== 'ready') this.#outbox.halt()
    this.#o.tell({ type: 'connection', state })
  }

  #lost(code: number, error: WireError | null): Verdict {
    if (code === CLOSE.refused) return 'stop'
    if (code === CLOSE.too_slow) return 'now'
    if (code === CLOSE.malformed || code === CLOSE.frame_too_big) {
      this.#outbox.blame(error ?? { code: 'bad_request', message: '' })
    }
    if (code !== CLOSE.token) return 'again'
    if (error?.code === 'bad_identity' || this.#identity) {
      this.#identity = ''
      this.#o.tell({ type: 'refused', error: error ?? { code: 'bad_identity', message: '' } })
      return 'now'
    }
    if (this.#token_refused) return 'stop'
    this.#token_refused = true
    this.#o.store.write(TOKEN + this.#o.shop, null)
    this.#outbox.unbind()
    this.#forget()
    return 'now'
  }

  #add(op: Pending['op'], text: string, ref: number, content?: ContentSent, shown?: Content): boolean {
    const id = newClientId(this.#o.env.now(), this.#o.env.random)
    const conversation = this.welcome?.conversation ?? ''
    const at = this.clock.now()
    return this.#outbox.add({ id, conversation, lane: 'buyer', op, text, content, shown, ref, at, state: 'waiting', seq: 0, error: null })
  }

  #transmit(item: Pending): boolean {
    if (item.op === 'recall') return this.#connection.send({ t: 'recall', id: item.id, seq: item.ref })
    return this.#connection.send({ t: 'send', id: item.id, text: item.text || undefined, content: item.content })
  }

  #answered(item: Pending): void {
    if (item.op === 'recall' && item.error) this.#o.tell({ type: 'refused', error: item.error })
    this.#o.tell({ type: 'lines' })
  }

  #forget(): void {
    this.#gap?.()
    this.log = new LiveLog()
    this.marks = { buyer: 0, staff: 0 }
    this.reception = { state: 'none', on_duty: true, agent: null }
    this.welcome = null
    this.complete = false
    this.#o.tell({ type: 'lines' })
  }
}
