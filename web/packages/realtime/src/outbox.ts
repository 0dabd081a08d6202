/* What was said here and is not yet in the log. Kept in order, one line in flight for each conversation and lane, persisted so
   that a reload sends it again under the same client id. Never decides what to show; `lines.ts` does. */

import type { Cancel, Environment, KeyStore } from './environment.ts'
import type { Content, ContentSent, Lane, WireError } from './shapes.ts'

export interface Pending {
  id: string
  /** Empty until the first `welcome` of a new visitor tells which it is. */
  conversation: string
  lane: Lane
  op: 'send' | 'recall'
  text: string
  /** What is named beside the text, and what it looks like until the server answers. */
  content?: ContentSent | undefined
  shown?: Content | undefined
  /** Rules whose question the sender answered and why it shall leave all the same; the phrase it was made from. */
  answer?: { confirmed?: string[]; reason?: string; phrase?: number } | undefined
  /** For `recall`: the seq to take back. */
  ref: number
  /** Server time in microseconds when it was written. */
  at: number
  state: 'waiting' | 'sent' | 'failed'
  /** Known once acknowledged. */
  seq: number
  error: WireError | null
}

export interface OutboxPorts {
  /** Puts it on the wire; false when there is no connection. */
  transmit(item: Pending): boolean
  changed(item: Pending): void
  /** No answer came: the connection is not worth keeping. */
  stalled(): void
}

/** Lines waiting at once. More is a stuck program, not a person. */
export const PENDING_MAX = 200
const ACK_MS_MAX = 20_000
const AGAIN_MS = 1_000
const AGAIN_MS_MAX = 30_000

export class Outbox {
  #env: Environment
  #store: KeyStore | null
  #key: string
  #ports: OutboxPorts
  #items: Pending[] = []
  /** Every id this tab has known: what another tab stored is left alone. */
  #known = new Set<string>()
  /** Items on the wire or waiting out a refusal, with their timer. */
  #busy = new Map<string, Cancel>()
  #refusals = 0
  #running = false

  constructor(env: Environment, store: KeyStore | null, key: string, ports: OutboxPorts) {
    this.#env = env
    this.#store = store
    this.#key = key
    this.#ports = ports
    this.#items = this.#stored().sort((a, b) => (a.id < b.id ? -1 : 1))
    this.#items.forEach((item) => this.#known.add(item.id))
  }

  get items(): readonly Pending[] {
    return this.#items
  }

  add(item: Pending): boolean {
    if (this.#items.length >= PENDING_MAX) return false
    this.#items.push(item)
    this.#changed(item)
    this.flush()
    return true
  }

  ack(id: string, seq: number, at: number): void {
    const item = this.#release(id)
    if (!item) return
    this.#refusals = 0
    Object.assign(item, { state: 'sent', seq, at, error: null })
    if (item.op === 'recall') this.#remove(id)
    this.#changed(item)
    this.flush()
  }

  nack(id: string, error: WireError): void {
    const item = this.#release(id)
    if (!item) return
    if (error.code === 'unavailable' || error.code === 'too_fast') {
      const ceiling = Math.min(AGAIN_MS_MAX, AGAIN_MS * 2 ** this.#refusals++)
      const ms = Number(error.params?.retry_ms) || ceiling / 2 + (this.#env.random() * ceiling) / 2
      this.#busy.set(id, this.#env.after(ms, () => (this.#busy.delete(id), this.flush())))
      return
    }
    this.#fail(item, error)
    this.flush()
  }

  /** The entry itself is in the log. */
  settle(id: string): void {
    const item = this.#release(id)
    if (!item) return
    this.#remove(id)
    this.#changed(item)
    this.flush()
  }

  retry(id: string): void {
    const item = this.#find(id)
    if (item?.state !== 'failed') return
    Object.assign(item, { state: 'waiting', error: null })
    this.#changed(item)
    this.flush()
  }

  discard(id: string): void {
    const item = this.#release(id)
    if (!item) return
    this.#remove(id)
    this.#changed(item)
  }

  /** Connected: everything unacknowledged goes again, in the old order, with the old ids. */
  resume(): void {
    this.halt()
    this.#running = true
    this.flush()
  }

  halt(): void {
    this.#running = false
    this.#busy.forEach((cancel) => cancel())
    this.#busy.clear()
  }

  /** The server closed the connection because of what was sent last: do not send that again by itself. */
  blame(error: WireError): void {
    this.#items.filter((item) => this.#busy.has(item.id)).forEach((item) => this.#fail(item, error))
  }

  /** Gives lines of a new visitor their conversation and forgets those of another one. */
  adopt(conversation: string): void {
    this.#items = this.#items.filter((item) => !item.conversation || item.conversation === conversation)
    this.#items.forEach((item) => (item.conversation = conversation))
    this.#save()
  }

  /** The visitor is not known any more: what was not sent goes to whoever this device becomes. */
  unbind(): void {
    this.#items = this.#items.filter((item) => item.state !== 'sent' && item.op === 'send')
    this.#items.forEach((item) => (item.conversation = ''))
    this.#save()
  }

  clear(): void {
    this.halt()
    this.#items = []
    this.#store?.write(this.#key, null)
  }

  flush(): void {
    const taken = new Set<string>()
    for (const item of this.#items) {
      if (item.state !== 'waiting' || !this.#running) continue
      const channel = item.conversation + item.lane
      if (!taken.has(channel) && !this.#busy.has(item.id) && this.#ports.transmit(item)) {
        this.#busy.set(item.id, this.#env.after(ACK_MS_MAX, () => this.#ports.stalled()))
      }
      taken.add(channel)
    }
  }

  #fail(item: Pending, error: WireError): void {
    if (item.op === 'recall') this.#remove(item.id)
    Object.assign(item, { state: 'failed', error })
    this.#changed(item)
  }

  #find(id: string): Pending | undefined {
    return this.#items.find((item) => item.id === id)
  }

  #release(id: string): Pending | undefined {
    this.#busy.get(id)?.()
    this.#busy.delete(id)
    return this.#find(id)
  }

  #remove(id: string): void {
    this.#items = this.#items.filter((item) => item.id !== id)
  }

  #changed(item: Pending): void {
    this.#known.add(item.id)
    this.#save()
    this.#ports.changed(item)
  }

  #stored(): Pending[] {
    try {
      const found: unknown = JSON.parse(this.#store?.read(this.#key) ?? '[]')
      return Array.isArray(found) ? (found as Pending[]).filter((item) => item.id && (item.text || item.content)) : []
    } catch {
      return []
    }
  }

  #save(): void {
    if (!this.#store) return
    const mine = this.#items.filter((item) => item.op === 'send' && item.state !== 'sent')
    const theirs = this.#stored().filter((item) => !this.#known.has(item.id))
    const all = [...theirs, ...mine]
    this.#store.write(this.#key, all.length ? JSON.stringify(all) : null)
  }
}
