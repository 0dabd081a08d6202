/* The buyer over HTTP (PROTOCOL §5): the long poll as frames, and one page of the log where the socket left a hole.
   Loaded when it is first needed: most buyers never do. */

import type { Environment } from './environment.ts'
import { caller } from './http.ts'
import type { OpenLink } from './link.ts'
import { pollLink, type PollDialect } from './poll_link.ts'
import type { BuyerWelcome, Entry, Incoming, Marks, Reception } from './shapes.ts'

interface Updates {
  now: number
  entries: Entry[]
  last_seq: number
  marks: Marks
  reception: Reception
  etag: string
}

export interface BuyerPollPorts {
  base: string
  shop: string
  token(): string
  after(): number
}

export function buyerPollLink(env: Environment, ports: BuyerPollPorts): OpenLink {
  return pollLink(env, dialectOf(ports))
}

/** The entries that follow what is held. */
export function fetchGap(env: Environment, { base, shop, token, after }: BuyerPollPorts): Promise<Pick<Updates, 'entries' | 'last_seq'>> {
  const call = caller(env, base, () => `Visitor ${token()}`)
  return call('GET', `${rootOf(shop)}/updates?wait=0&after=${after()}`)
}

function rootOf(shop: string): string {
  return `/api/v1/widget/${encodeURIComponent(shop)}`
}

function dialectOf({ base, shop, token, after }: BuyerPollPorts): PollDialect {
  let conversation = ''
  let etag = ''
  const root = rootOf(shop)
  const authorisation = () => (token() ? `Visitor ${token()}` : '')
  return {
    base,
    authorisation,
    async hello(call, hello) {
      const { token, identity, lang } = hello
      const welcome = await call<BuyerWelcome>('POST', `${root}/hello`, { token, identity, lang })
      conversation = welcome.conversation
      etag = ''
      return { ...welcome, t: 'welcome' }
    },
    async updates(call, wait_s) {
      const query = `after=${after()}&etag=${encodeURIComponent(etag)}&wait=${wait_s}`
      const news = await call<Updates>('GET', `${root}/updates?${query}`)
      etag = news.etag
      const frames: Incoming[] = [{ t: 'pong', now: news.now }]
      if (news.entries.length) frames.push(page(conversation, news))
      frames.push({ t: 'marks', conversation, marks: news.marks })
      frames.push({ t: 'reception', reception: news.reception })
      return frames
    },
    async say(call, frame) {
      if (frame.t === 'send' || frame.t === 'recall') {
        const path = frame.t === 'send' ? 'entries' : `entries/${frame.seq}/recall`
        const body = frame.t === 'send' ? { client_id: frame.id, text: frame.text, content: frame.content } : { client_id: frame.id }
        const stored = await call<{ seq: number; at: number }>('POST', `${root}/${path}`, body)
        return [{ t: 'ack', id: frame.id, ...stored }]
      }
      if (frame.t === 'viewing') await call('POST', `${root}/viewing`, { page: frame.page })
      if (frame.t !== 'read') return []
      const read = await call<{ marks: Marks }>('POST', `${root}/read`, { seq: frame.seq })
      return [{ t: 'marks', conversation, marks: read.marks }]
    },
  }
}

function page(conversation: string, { entries, last_seq }: Updates): Incoming {
  return { t: 'entries', conversation, lane: 'buyer', entries, last_seq }
}
