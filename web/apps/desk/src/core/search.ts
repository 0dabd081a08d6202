/** Searching as one types: the last question counts, and an answer that is no longer wanted is dropped. */
import type { BuyerView } from '@xiaoer/realtime'
import { computed, onScopeDispose, ref, watch } from 'vue'
import { useDesk } from './desk_link'
import type { Found, FoundBuyer, FoundEntry, FoundOrder } from './wire'

export type Hit = { key: string; conversation: string | null; buyer: BuyerView | null } & (
  | { kind: 'buyer'; found: FoundBuyer }
  | { kind: 'order'; found: FoundOrder }
  | { kind: 'entry'; found: FoundEntry }
)

const PAUSE_MS = 160

export function useSearch() {
  const desk = useDesk()
  const text = ref('')
  const found = ref<Found>()
  const busy = ref(false)
  const trouble = ref<unknown>()
  let abort: AbortController | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(): Promise<void> {
    abort?.abort()
    const q = text.value.trim()
    if (!q) return void ((found.value = undefined), (trouble.value = undefined), (busy.value = false))
    const mine = (abort = new AbortController())
    busy.value = true
    try {
      found.value = await desk.search(q, mine.signal)
      trouble.value = undefined
    } catch (cause) {
      if (!mine.signal.aborted) trouble.value = cause
    } finally {
      if (mine === abort) busy.value = false
    }
  }

  watch(text, () => {
    clearTimeout(timer)
    timer = setTimeout(() => void ask(), PAUSE_MS)
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    abort?.abort()
  })

  /** The next page of what was said; the narrow kinds come whole with the first. */
  async function more(): Promise<void> {
    const now = found.value
    if (!now?.next || busy.value) return
    const mine = (abort = new AbortController())
    busy.value = true
    try {
      const page = await desk.search(text.value.trim(), mine.signal, now.next)
      if (mine === abort) found.value = { ...now, entries: [...now.entries, ...page.entries], next: page.next }
    } catch (cause) {
      if (!mine.signal.aborted) trouble.value = cause
    } finally {
      if (mine === abort) busy.value = false
    }
  }

  const hits = computed(() => hitsOf(found.value))
  return { text, found, busy, trouble, hits, more, again: ask }
}

/** Buyers, then orders, then what was said: the narrow before the wide. */
export function hitsOf(found: Found | undefined): Hit[] {
  if (!found) return []
  return [
    ...found.buyers.map((one): Hit => ({ kind: 'buyer', key: `b${one.buyer.id}`, conversation: one.conversation, buyer: one.buyer, found: one })),
    ...found.orders.map((one): Hit => ({ kind: 'order', key: one.order.id, conversation: one.conversation, buyer: one.buyer, found: one })),
    ...found.entries.map((one): Hit => ({ kind: 'entry', key: `${one.conversation}-${one.entry.lane}-${one.entry.seq}`, conversation: one.conversation, buyer: one.buyer, found: one })),
  ]
}
