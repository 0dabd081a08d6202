/* The buyer's half of the protocol in memory, strict enough to catch a client that breaks a promise. */

import type { Answer } from '../src/environment.ts'
import type { Entry, Marks, Reception, WireError } from '../src/shapes.ts'
import type { FakeSocket, Peer, World } from './world.ts'

interface Visitor {
  token: string
  conversation: string
  subject: string
  entries: Entry[]
  marks: Marks
  reception: Reception
}

export class FakeServer implements Peer {
  visitors: Visitor[] = []
  /** Sends refused with this, one for each entry of the list, before anything else. */
  refuse: WireError[] = []
  page_size = 3
  silent = false
  frames: { t: string; [field: string]: unknown }[] = []
  #world: World
  #sockets = new Map<FakeSocket, Visitor>()

  constructor(world: World) {
    this.#world = world
  }

  get visitor(): Visitor {
    return this.visitors[this.visitors.length - 1]!
  }

  texts(visitor = this.visitor): string[] {
    return visitor.entries.filter((entry) => entry.kind === 'message').map((entry) => entry.text ?? '(recalled)')
  }

  /** An agent speaks. */
  say(text: string, visitor = this.visitor): Entry {
    return this.#append(visitor, { kind: 'message', message: 'human', by: { side: 'agent', id: 'acc_1', name: '小满' }, text })
  }

  mark(marks: Marks, visitor = this.visitor): void {
    visitor.marks = marks
    this.#each(visitor, { t: 'marks', conversation: visitor.conversation, marks })
  }

  receive(reception: Reception, visitor = this.visitor): void {
    visitor.reception = reception
    this.#each(visitor, { t: 'reception', reception })
  }

  frame(text: string, socket: FakeSocket): void {
    if (this.silent) return
    const frame = JSON.parse(text) as { t: string; id: string; text: string; seq: number; after: number; token?: string; identity?: string }
    this.frames.push(frame as never)
    if (frame.t === 'hello') return this.#hello(socket, frame)
    const visitor = this.#sockets.get(socket)
    if (!visitor) return socket.shut(4000)
    if (frame.t === 'ping') socket.tell({ t: 'pong', now: this.#now() })
    if (frame.t === 'send' || frame.t === 'recall') {
      const done = frame.t === 'send' ? this.#send(visitor, frame.id, frame.text) : this.#recall(visitor, frame.id, frame.seq)
      if ('code' in done) socket.tell({ t: 'nack', id: frame.id, error: done })
      else socket.tell({ t: 'ack', id: frame.id, seq: done.seq, at: done.at })
    }
    if (frame.t === 'read') this.mark({ ...visitor.marks, buyer: Math.max(visitor.marks.buyer, frame.seq) }, visitor)
  }

  gone(socket: FakeSocket): void {
    this.#sockets.delete(socket)
  }

  async http(method: string, path: string, headers: Record<string, string>, body: unknown, world: World): Promise<Answer> {
    const url = new URL(path, 'http://x')
    const tail = url.pathname.split('/').slice(5).join('/')
    const sent = body as { token?: string; identity?: string; client_id: string; text: string; seq: number }
    if (tail === 'hello') {
      const found = this.#visitor(sent.token, sent.identity)
      return found ? answer(200, this.#welcome(found.visitor, found.fresh)) : answer(401, error('not_signed_in'))
    }
    const visitor = this.visitors.find((one) => headers.authorization === `Visitor ${one.token}`)
    if (!visitor) return answer(401, error('not_signed_in'))
    if (tail === 'updates' && method === 'GET') {
      const wait_until = world.now_ms + Number(url.searchParams.get('wait')) * 1000
      const after = Number(url.searchParams.get('after'))
      const etag = () => JSON.stringify([visitor.marks, visitor.reception])
      while (visitor.entries.length <= after && etag() === url.searchParams.get('etag') && world.now_ms < wait_until) {
        await new Promise<void>((go) => world.after(50, go))
      }
      const entries = visitor.entries.slice(after, after + this.page_size)
      const { marks, reception } = visitor
      return answer(200, { now: this.#now(), entries, last_seq: visitor.entries.length, marks, reception, etag: etag() })
    }
    if (tail === 'read') {
      this.mark({ ...visitor.marks, buyer: Math.max(visitor.marks.buyer, sent.seq) }, visitor)
      return answer(200, { marks: visitor.marks })
    }
    const recall = /^entries\/(\d+)\/recall$/.exec(tail)
    const done = recall ? this.#recall(visitor, sent.client_id, Number(recall[1])) : this.#send(visitor, sent.client_id, sent.text)
    return 'code' in done ? answer(409, done) : answer(200, { seq: done.seq, at: done.at })
  }

  #hello(socket: FakeSocket, { token, identity, after }: { token?: string; identity?: string; after: number }): void {
    if (this.#sockets.has(socket)) return
    const found = this.#visitor(token, identity)
    if (!found) {
      socket.tell({ t: 'error', error: error('not_signed_in') })
      this.#world.after(10, () => socket.shut(4001))
      return
    }
    const { visitor, fresh } = found
    this.#sockets.set(socket, visitor)
    socket.tell(this.#welcome(visitor, fresh))
    const { conversation, entries } = visitor
    for (let from = after; from < entries.length; from += this.page_size) {
      const page = entries.slice(from, from + this.page_size)
      socket.tell({ t: 'entries', conversation, lane: 'buyer', entries: page, last_seq: entries.length })
    }
  }

  #visitor(token?: string, identity = ''): { visitor: Visitor; fresh: boolean } | null {
    const known = this.visitors.find((one) => one.token === token)
    if (token && !known) return null
    if (known && (!identity || !known.subject || known.subject === identity)) {
      known.subject ||= identity
      return { visitor: known, fresh: false }
    }
    const number = this.visitors.length + 1
    const visitor: Visitor = {
      token: `token-${number}`,
      conversation: `cnv_${number}`,
      subject: identity,
      entries: [],
      marks: { buyer: 0, staff: 0 },
      reception: { state: 'none', on_duty: true, agent: null },
    }
    this.visitors.push(visitor)
    return { visitor, fresh: true }
  }

  #welcome(visitor: Visitor, fresh: boolean): object {
    const { conversation, marks, reception, entries, token, subject } = visitor
    const buyer = { name: subject || 'visitor', identified: !!subject }
    const shop = { key: 'demo', name: '青禾针织' }
    const welcome = { t: 'welcome', v: 1, now: this.#now(), shop, conversation, buyer, last_seq: entries.length, marks, reception, limits: {} }
    return fresh ? { ...welcome, token } : welcome
  }

  #send(visitor: Visitor, id: string, text: string): Entry | WireError {
    const refusal = this.refuse.shift()
    if (refusal) return refusal
    const same = visitor.entries.find((entry) => entry.client_id === id)
    if (same) return same.text === text ? same : error('client_id_conflict')
    return this.#append(visitor, { kind: 'message', message: 'human', by: { side: 'buyer' }, text, client_id: id })
  }

  #recall(visitor: Visitor, id: string, seq: number): Entry | WireError {
    const same = visitor.entries.find((entry) => entry.client_id === id)
    if (same) return same
    const target = visitor.entries[seq - 1]
    if (!target || target.by.side !== 'buyer') return error('not_yours')
    delete target.text
    target.recalled = true
    return this.#append(visitor, { kind: 'recall', by: { side: 'buyer' }, ref: seq, client_id: id })
  }

  #append(visitor: Visitor, line: Omit<Entry, 'lane' | 'seq' | 'at'>): Entry {
    const entry: Entry = { lane: 'buyer', seq: visitor.entries.length + 1, at: this.#now(), ...line }
    visitor.entries.push(entry)
    this.#each(visitor, { t: 'entry', conversation: visitor.conversation, entry })
    return entry
  }

  #each(visitor: Visitor, frame: object): void {
    for (const [socket, whose] of this.#sockets) if (whose === visitor) socket.tell(frame)
  }

  /** Five minutes ahead of the device. */
  #now(): number {
    return (this.#world.now_ms + 300_000) * 1000
  }
}

export function error(code: string, params: Record<string, number> = {}): WireError {
  return { code, message: code, params }
}

function answer(status: number, body: unknown): Answer {
  return { status, json: async () => JSON.parse(JSON.stringify(body)) as unknown }
}
