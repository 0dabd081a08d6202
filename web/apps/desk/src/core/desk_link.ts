/**
 * Between the wire and the stores: tells the stores what the server says, and the server what the person does.
 * Features ask it by `useDesk()`; the stores know nothing of it.
 */
import { ApiError } from '@xiaoer/api/client.ts'
import { browserEnvironment, browserStore, DeskChat, newClientId, type AgentState, type ConnectionState, type Content, type ContentSent, type Lane, type Row, type WireError } from '@xiaoer/realtime'
import { inject, type InjectionKey } from 'vue'
import type { Api } from './api'
import { useClock } from './clock'
import { useConversations } from './conversations'
import type { Confirmed } from './guard'
import { createHistory, notesInReach, watchFromEnd, type History } from './history'
import { filterQuery } from './list_filter'
import { useOvertime } from './overtime'
import { useSettings } from './settings'
import { useThreads } from './threads'
import type { Agent, Found, Orders, Rows, Wall, Product } from './wire'

export interface Desk {
  open(conversation: string | undefined, seq?: number): Promise<void>
  /** `answer`: what the sender says to rules that asked, and the phrase it was made from. */
  send(conversation: string, lane: Lane, text: string, answer?: Partial<Confirmed> & { phrase?: number }): boolean
  /** A card, a picture or a file for the buyer; false when too much waits already. */
  show(conversation: string, content: ContentSent, shown?: Content): boolean
  recall(conversation: string, lane: Lane, seq: number): void
  retry(id: string): void
  discard(id: string): void
  read(conversation: string, seq: number): void
  reconnect(): void
  loadAll(fresh: boolean): Promise<void>
  loadOlder(conversation: string): Promise<void>
  loadNewer(conversation: string): Promise<void>
  backToNewest(conversation: string): void
  take(conversation: string): Promise<void>
  handOver(conversation: string, to: string, note: string): Promise<void>
  close(conversation: string): Promise<void>
  /** Asks a colleague or a group to take the buyer over. */
  offer(conversation: string, to: { to: string } | { group: string }, note: string): Promise<void>
  answer(conversation: string, answer: 'accept' | 'decline' | 'withdraw'): Promise<void>
  whisper(conversation: string, text: string): Promise<void>
  invite(conversation: string, to: string, may_speak: boolean): Promise<void>
  leave(conversation: string, who?: string): Promise<void>
  setState(state: AgentState): Promise<void>
  /** Looks into something for so many minutes: the buyer does not go to a colleague meanwhile. 0: no longer. */
  check(conversation: string, minutes: number): Promise<void>
  agents(): Promise<Agent[]>
  orders(conversation: string, cursor?: string | null, signal?: AbortSignal): Promise<Orders>
  /** Tells the live wall each time it changes; without a listener it is shown no longer. */
  wall(told: ((wall: Wall) => void) | undefined): void
  products(q: string, signal?: AbortSignal): Promise<Product[]>
  /** What a message carries, with addresses that are not over. */
  content(conversation: string, seq: number): Promise<Content | undefined>
  search(q: string, signal: AbortSignal, cursor?: string): Promise<Found>
  stop(): void
}

export interface DeskOptions {
  api: Api
  shop: string
  account: string
  lang: string
  /** The shop's time zone: days of the lists are its days. */
  zone: string
  /** The connection was refused because the session is over. */
  expired(): void
  /** Something that was asked for outside a pane was refused. */
  refused(error: { code: string }): void
}

const ALL_PAGE = 50
const ORDERS_PAGE = 20
const FOUND_PAGE = 30
const PRODUCTS_PAGE = 20

export const DESK: InjectionKey<Desk> = Symbol('desk')

export function useDesk(): Desk {
  const desk = inject(DESK)
  if (!desk) throw new Error('no desk here: the shell provides it')
  return desk
}

export function startDesk(options: DeskOptions): Desk {
  const { api, shop } = options
  const clock = useClock()
  const conversations = useConversations()
  const threads = useThreads()
  const settings = useSettings()
  const overtime = useOvertime()
  const history: History = createHistory(api, shop)
  const path = (conversation: string): string => `/shops/${shop}/conversations/${conversation}`

  let wallTold: ((wall: Wall) => void) | undefined

  const chat = new DeskChat(
    { env: browserEnvironment(), store: browserStore(), origin: location.origin, shop, account: options.account, lang: options.lang },
    {
      connection: onConnection,
      welcome(frame) {
        clock.learn(frame.now)
        conversations.welcome(frame)
        void refreshGone()
      },
      row(row) {
        conversations.receive(row)
        /* who joined a talk hears of it by watching it: its rows go to the agent who serves */
        const joined = row.helpers?.some(({ id }) => id === conversations.me?.id)
        if (joined && !chat.lanes(row.conversation)) watchFromEnd(chat, row.conversation, row)
      },
      rows(rows) {
        clock.learn(chat.clock.now())
        void askAgain(conversations.snapshot(rows, chat.clock.now()))
      },
      lanes(conversation, added) {
        draw(conversation)
        if (added.some((entry) => entry.kind !== 'message')) void refreshForeign(conversation)
      },
      marks: (conversation, marks) => conversations.setMarks(conversation, marks),
      state: (state) => conversations.setState(state),
      wall: (wall) => wallTold?.(wall as Wall),
      overtime: (call) => overtime.receive(call, clock.now()),
      pending(item) {
        draw(item.conversation)
        if (item.op === 'recall' && item.error) options.refused(item.error)
      },
      error: (error: WireError) => options.refused(error),
      expired: options.expired,
    },
  )

  function onConnection(state: ConnectionState): void {
    if (conversations.connection?.phase === 'ready' && state.phase !== 'ready') conversations.currentAt = clock.now()
    conversations.connection = state
  }

  function draw(conversation: string): void {
    const lanes = chat.lanes(conversation)
    if (!lanes) return
    threads.set(conversation, {
      entries: [...lanes.buyer.entries],
      notes: notesInReach(lanes),
      pending: chat.pending(conversation).map((item) => ({ ...item })),
      loaded: lanes.loaded,
      hasOlder: lanes.buyer.has_older,
      window: threads.get(conversation).window,
    })
  }

  async function refreshRow(conversation: string): Promise<void> {
    conversations.upsert(await api.get<Row>(path(conversation)))
  }

  /** Rows of colleagues do not come by themselves; when their session moves, ask. */
  async function refreshForeign(conversation: string): Promise<void> {
    const row = conversations.rows.get(conversation)
    const mineOrQueue = row && [...conversations.mine, ...conversations.queue, ...conversations.left].includes(row)
    if (!mineOrQueue) await refreshRow(conversation).catch(() => undefined)
  }

  async function refreshGone(): Promise<void> {
    if (conversations.openId) await refreshForeign(conversations.openId)
    if (conversations.all.fetched) await loadAll(true)
  }

  async function askAgain(ids: string[]): Promise<void> {
    for (const id of ids) await refreshRow(id).catch(() => undefined)
  }

  async function open(conversation: string | undefined, seq?: number): Promise<void> {
    conversations.openId = conversation
    if (!conversation) return
    if (!conversations.rows.has(conversation)) await refreshRow(conversation)
    const row = conversations.rows.get(conversation)
    if (!row) return
    const lanes = watchFromEnd(chat, conversation, row)
    draw(conversation)
    if (seq !== undefined) await jump(conversation, seq)
    else if (threads.get(conversation).window) backToNewest(conversation)
    await history.fillNotes(conversation, lanes).then(() => draw(conversation), () => undefined)
  }

  async function jump(conversation: string, seq: number): Promise<void> {
    const lanes = chat.lanes(conversation)
    if (!lanes) return
    const held = lanes.buyer.find(seq) ?? threads.get(conversation).window?.entries.find((entry) => entry.seq === seq)
    if (!held && seq <= Math.max(lanes.buyer.after, lanes.buyer.last_seq)) {
      const stretch = await history.around(conversation, lanes, seq)
      draw(conversation)
      threads.set(conversation, { ...threads.get(conversation), window: stretch })
    }
    threads.target.set(conversation, seq)
  }

  async function page(conversation: string, way: 'older' | 'newer'): Promise<void> {
    const lanes = chat.lanes(conversation)
    if (!lanes || threads.older.get(conversation) === 'loading') return
    threads.older.set(conversation, 'loading')
    try {
      const stretch = threads.get(conversation).window
      if (!stretch) await history.older(conversation, lanes)
      const window = stretch && (await history.extend(conversation, lanes, stretch, way))
      draw(conversation)
      threads.set(conversation, { ...threads.get(conversation), window })
      threads.older.set(conversation, 'idle')
    } catch {
      threads.older.set(conversation, 'failed')
    }
  }

  function backToNewest(conversation: string): void {
    threads.set(conversation, { ...threads.get(conversation), window: undefined })
    threads.target.delete(conversation)
  }

  let allAsked = 0
  async function loadAll(fresh: boolean): Promise<void> {
    if (conversations.all.loading && !fresh) return
    conversations.all.loading = true
    const cursor = fresh ? undefined : conversations.all.next
    const mine = ++allAsked
    try {
      const query = { list: 'all', limit: ALL_PAGE, cursor, ...filterQuery(conversations.filter, settings.waiting, options.zone) }
      const { rows, next } = await api.get<Rows>(`/shops/${shop}/conversations`, { query })
      if (mine === allAsked) conversations.addAll(rows, next, fresh)
    } catch (cause) {
      if (mine !== allAsked) return
      const code = cause instanceof ApiError ? cause.code : 'internal'
      conversations.all = { ...conversations.all, loading: false, failure: { code, at: clock.now() } }
    }
  }

  async function act(conversation: string, verb: string, body?: object): Promise<void> {
    conversations.upsert(await api.post<Row>(`${path(conversation)}/${verb}`, body))
  }

  chat.start()
  return {
    open,
    send: (conversation, lane, text, answer) => chat.send(conversation, lane, text, answer) !== undefined,
    show: (conversation, content, shown) => chat.show(conversation, content, shown) !== undefined,
    recall: (conversation, lane, seq) => void chat.recall(conversation, lane, seq),
    retry: (id) => chat.retry(id),
    discard: (id) => chat.discard(id),
    read: (conversation, seq) => chat.read(conversation, seq),
    reconnect: () => chat.reconnect(),
    loadAll,
    loadOlder: (conversation) => page(conversation, 'older'),
    loadNewer: (conversation) => page(conversation, 'newer'),
    backToNewest,
    take: (conversation) => act(conversation, 'take'),
    handOver: (conversation, to, note) => act(conversation, 'hand-over', note ? { to, note } : { to }),
    close: (conversation) => act(conversation, 'close'),
    offer: (conversation, to, note) => act(conversation, 'transfer', { ...to, ...(note && { note }) }),
    answer: (conversation, answer) => act(conversation, `transfer/${answer}`),
    whisper: (conversation, text) => act(conversation, 'whisper', { client_id: newClientId(Date.now(), Math.random), text }),
    invite: (conversation, to, may_speak) => act(conversation, 'invite', { to, may_speak }),
    leave: (conversation, who) => act(conversation, 'leave', who ? { who } : {}),
    async setState(state) {
      const answer = await api.put<{ state: AgentState }>(`/shops/${shop}/me/state`, { state })
      conversations.setState(answer.state)
    },
    async check(conversation, minutes) {
      await api.put(`${path(conversation)}/checking`, { minutes })
      await refreshRow(conversation)
    },
    agents: () => api.get<{ agents: Agent[] }>(`/shops/${shop}/agents`).then((answer) => answer.agents),
    orders: (conversation, cursor, signal) => api.get<Orders>(`${path(conversation)}/orders`, { query: { limit: ORDERS_PAGE, cursor }, ...(signal && { signal }) }),
    products: (q, signal) => api.get<{ products: Product[] }>(`/shops/${shop}/products`, { query: { q, limit: PRODUCTS_PAGE }, ...(signal && { signal }) }).then((answer) => answer.products),
    content: (conversation, seq) => history.one(conversation, seq).then((entry) => entry?.content),
    search: (q, signal, cursor) => api.get<Found>(`/shops/${shop}/search`, { query: { q, limit: FOUND_PAGE, cursor }, signal }),
    wall(told) {
      wallTold = told
      chat.wall(told !== undefined)
    },
    stop: () => chat.stop(),
  }
}
