/* The desk over HTTP: the lists and one watched conversation by long poll, everything said by POST. */

import type { Call } from './http.ts'
import type { PollDialect } from './poll_link.ts'
import {
  LIMITS_DEFAULT,
  type AgentState,
  type Entry,
  type Incoming,
  type Lane,
  type Marks,
  type Me,
  type Outgoing,
  type Row,
} from './shapes.ts'

interface DeskUpdates {
  now: number
  me: Me
  rows: Row[]
  etag: string
  watched: { entries: Entry[]; last_seq: number; staff_seq: number; marks: Marks } | null
}

export interface DeskPollPorts {
  base: string
  shop: string
  authorisation: () => string
  /** Up to where both lanes of a conversation are held. */
  held(conversation: string): { after: number; staff_after: number }
}

export function deskDialect(ports: DeskPollPorts): PollDialect {
  return new DeskPoll(ports)
}

class DeskPoll implements PollDialect {
  base: string
  authorisation: () => string
  #ports: DeskPollPorts
  #path: string
  #etag = ''
  #focus = ''
  #wake: () => void = () => undefined

  constructor(ports: DeskPollPorts) {
    this.#ports = ports
    this.base = ports.base
    this.authorisation = ports.authorisation
    this.#path = `/shops/${encodeURIComponent(ports.shop)}`
  }

  async hello(call: Call): Promise<Incoming> {
    const { now, me, rows } = await call<DeskUpdates>('GET', `${this.#path}/updates?wait=0`)
    this.#etag = ''
    const shop = { key: this.#ports.shop, name: '' }
    return { t: 'welcome', v: 1, now, me, shop, rows, limits: LIMITS_DEFAULT }
  }

  /** Ends early when another conversation is looked at; the answer to the abandoned question is ignored. */
  async updates(call: Call, wait_s: number): Promise<Incoming[]> {
    const focus = this.#focus
    const woken = new Promise<null>((wake) => (this.#wake = () => wake(null)))
    const asked = call<DeskUpdates>('GET', `${this.#path}/updates?${this.#question(focus, wait_s)}`)
    const news = await Promise.race([asked, woken])
    if (!news) {
      asked.catch(() => undefined)
      return []
    }
    this.#etag = news.etag
    return [...lists(news), ...lanes(focus, news.watched)]
  }

  async say(call: Call, frame: Outgoing): Promise<Incoming[]> {
    if (frame.t === 'watch') this.#look(frame.conversation)
    if (frame.t === 'unwatch' && frame.conversation === this.#focus) this.#focus = ''
    if (frame.t === 'send') {
      const { confirmed, reason, phrase } = frame
      const body = { client_id: frame.id, lane: frame.lane, text: frame.text, ...(confirmed && { confirmed, reason }), ...(phrase && { phrase }) }
      return [await this.#store(call, frame.id, `${this.#entries(frame.conversation)}`, body)]
    }
    if (frame.t === 'recall') {
      const path = `${this.#entries(frame.conversation)}/${frame.seq}/recall`
      return [await this.#store(call, frame.id, path, { client_id: frame.id, lane: frame.lane })]
    }
    if (frame.t === 'read' && frame.conversation) {
      const path = `${this.#path}/conversations/${frame.conversation}/read`
      const { marks } = await call<{ marks: Marks }>('POST', path, { seq: frame.seq })
      return [{ t: 'marks', conversation: frame.conversation, marks }]
    }
    return []
  }

  async #store(call: Call, id: string, path: string, body: object): Promise<Incoming> {
    const { seq, at } = await call<{ seq: number; at: number }>('POST', path, body)
    return { t: 'ack', id, seq, at }
  }

  #look(conversation: string): void {
    this.#focus = conversation
    this.#etag = ''
    this.#wake()
  }

  #entries(conversation: string | undefined): string {
    return `${this.#path}/conversations/${conversation ?? ''}/entries`
  }

  #question(focus: string, wait_s: number): string {
    const query = new URLSearchParams({ wait: String(wait_s) })
    if (this.#etag) query.set('etag', this.#etag)
    if (focus) {
      const { after, staff_after } = this.#ports.held(focus)
      query.set('watch', focus)
      query.set('after', String(after))
      query.set('staff_after', String(staff_after))
    }
    return query.toString()
  }
}

function lists(news: DeskUpdates): Incoming[] {
  const state: AgentState = news.me.state
  return [
    { t: 'pong', now: news.now },
    { t: 'state', state },
    { t: 'rows', rows: news.rows },
  ]
}

function lanes(conversation: string, watched: DeskUpdates['watched']): Incoming[] {
  if (!conversation || !watched) return []
  const lane = (name: Lane, last_seq: number): Incoming => ({
    t: 'entries',
    conversation,
    lane: name,
    entries: watched.entries.filter((entry) => entry.lane === name),
    last_seq,
  })
  return [
    lane('buyer', watched.last_seq),
    lane('staff', watched.staff_seq),
    { t: 'marks', conversation, marks: watched.marks },
  ]
}
