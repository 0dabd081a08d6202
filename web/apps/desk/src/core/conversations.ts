/** The rows this desk knows, and what is open. Fed by the link; asks nobody. */
import { LIMITS_DEFAULT, type ConnectionState, type DeskWelcome, type Limits, type Marks, type Me, type Row, type Stage, type AgentState } from '@xiaoer/realtime'
import { defineStore } from 'pinia'
import { computed, ref, shallowReactive, watch } from 'vue'
import { belongsTo, EMPTY_ORDER, orderRows, type ListOrder, type ListTab } from './list_order'

export interface Failure {
  code: string
  at: number
}

/** The pages of "all" that were fetched so far. */
export interface AllList {
  ids: string[]
  next: string | null
  fetched: boolean
  loading: boolean
  failure: Failure | undefined
}

/** What of "all" is wanted; the server sifts. */
export interface AllFilter {
  unread: boolean
  stage: Stage | undefined
  /** Step of the waiting scale, 1 to 3. */
  step: 1 | 2 | 3 | undefined
  agent: string | undefined
  /** Number of a tag. */
  tag: number | undefined
  /** A day of the shop, `2026-09-18`. */
  day: string | undefined
}

export const NO_FILTER: AllFilter = { unread: false, stage: undefined, step: undefined, agent: undefined, tag: undefined, day: undefined }

const OPEN_LISTS = ['mine', 'queue', 'left'] as const
/** Nobody sees the difference; a burst of a hundred frames becomes two pictures. */
const BURST_MS = 60

const NOTHING_YET = (): AllList => ({ ids: [], next: null, fetched: false, loading: false, failure: undefined })

export const useConversations = defineStore('conversations', () => {
  const rows = shallowReactive(new Map<string, Row>())
  const me = ref<Me>()
  const limits = ref<Limits>(LIMITS_DEFAULT)
  const connection = ref<ConnectionState>()
  const openId = ref<string>()
  const tab = ref<ListTab>('mine')
  const all = ref(NOTHING_YET())
  const filter = ref<AllFilter>(NO_FILTER)
  /** The order as it stands on screen: what the keyboard walks along. */
  const shown = ref<ListOrder>(EMPTY_ORDER)
  /** False until the first snapshot of mine and queue has come. */
  const loaded = ref(false)
  /** Server time of the last moment the lists were known to be current. */
  const currentAt = ref(0)

  const open = computed(() => (openId.value ? rows.get(openId.value) : undefined))
  /** One walk for the three lists: it runs with every line that arrives, over everything that was ever fetched. */
  const lists = computed(() => {
    const who = me.value?.id ?? ''
    const found: Record<'mine' | 'queue' | 'left', Row[]> = { mine: [], queue: [], left: [] }
    for (const row of rows.values()) {
      const tab = OPEN_LISTS.find((one) => belongsTo(row, one, who))
      if (tab) found[tab].push(row)
    }
    return found
  })
  const mine = computed(() => lists.value.mine)
  const queue = computed(() => lists.value.queue)
  const left = computed(() => lists.value.left)
  const allRows = computed(() => all.value.ids.flatMap((id) => rows.get(id) ?? []))
  const waitingMine = computed(() => mine.value.filter((row) => row.waiting_since !== null))
  /** Buyers that a colleague wants to give to me, or to a group of mine. */
  const offered = computed(() => [...rows.values()].filter(({ transfer }) => transfer?.receivers.includes(me.value?.id ?? '') && transfer.from.id !== me.value?.id))
  const longestWaiting = computed(() => orderRows([...mine.value]).waiting[0] ?? orderRows([...queue.value]).waiting[0])
  const loadRows = computed(() => mine.value.filter((row) => row.session?.state === 'active'))

  function welcome(frame: DeskWelcome): void {
    me.value = frame.me
    limits.value = { ...LIMITS_DEFAULT, ...frame.limits }
    snapshot(frame.rows, frame.now)
  }

  /**
   * The whole of mine and queue. Rows that were there and are not any more have gone to somebody else or were
   * closed: which, their conversation must be asked. Returns those that are still on screen.
   */
  function snapshot(list: Row[], now: number): string[] {
    const gone = [...mine.value, ...queue.value, ...left.value].map((row) => row.conversation)
    const kept = new Set(list.map((row) => row.conversation))
    const asked = gone.filter((id) => !kept.has(id))
    for (const id of asked) if (id !== openId.value && !all.value.ids.includes(id)) rows.delete(id)
    arrived?.clear()
    for (const row of list) rows.set(row.conversation, row)
    loaded.value = true
    currentAt.value = now
    return asked.filter((id) => rows.has(id))
  }

  /** Rows that came in one burst are shown in one go: sixty buyers who write at once cost one picture, not sixty. */
  let arrived: Map<string, Row> | undefined
  function receive(row: Row): void {
    if (arrived) return void arrived.set(row.conversation, row)
    upsert(row)
    arrived = new Map()
    setTimeout(settle, BURST_MS)
  }

  function settle(): void {
    const burst = arrived
    arrived = undefined
    for (const row of burst?.values() ?? []) upsert(row)
  }

  /** Conversations with a new line of the staff lane that nobody at this desk has looked at. */
  const noted = shallowReactive(new Set<string>())
  watch(openId, (id) => void (id && noted.delete(id)))

  function upsert(row: Row): void {
    arrived?.delete(row.conversation)
    const before = rows.get(row.conversation)
    if (before && row.staff_seq > before.staff_seq && row.conversation !== openId.value) noted.add(row.conversation)
    rows.set(row.conversation, row)
  }

  function setMarks(conversation: string, marks: Marks): void {
    const waiting = arrived?.get(conversation)
    if (waiting) upsert(waiting)
    const row = rows.get(conversation)
    if (row) upsert({ ...row, marks })
  }

  function setState(state: AgentState): void {
    if (me.value) me.value = { ...me.value, state }
  }

  function addAll(list: Row[], next: string | null, fresh: boolean): void {
    for (const row of list) upsert(row)
    const ids = list.map((row) => row.conversation)
    const before = fresh ? [] : all.value.ids
    all.value = { ids: [...new Set([...before, ...ids])], next, fetched: true, loading: false, failure: undefined }
  }

  function reset(): void {
    arrived?.clear()
    noted.clear()
    rows.clear()
    me.value = undefined
    openId.value = undefined
    all.value = NOTHING_YET()
    filter.value = NO_FILTER
    loaded.value = false
    connection.value = undefined
    tab.value = 'mine'
  }

  return {
    rows, me, limits, connection, openId, tab, all, filter, shown, loaded, currentAt,
    noted, offered, open, mine, queue, left, allRows, waitingMine, longestWaiting, loadRows,
    welcome, snapshot, upsert, receive, setMarks, setState, addAll, reset,
  }
})
