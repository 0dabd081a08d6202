/** The orders beside the open conversation: shown at once from the last visit, asked again, never lost to an error. */
import type { BuyerView } from '@xiaoer/realtime'
import { computed, onScopeDispose, shallowReactive, watch } from 'vue'
import { useClock } from './clock'
import { useConversations } from './conversations'
import { useDesk } from './desk_link'
import type { Order } from './wire'

export interface OrdersView {
  orders: Order[]
  next: string | null
  buyer: BuyerView | null
  /** Server time of the last answer; 0 before the first. */
  at: number
  state: 'loading' | 'more' | 'idle' | 'failed'
  failure: unknown
}

/** Buyers whose orders are kept for a quick return. */
const KEPT_MAX = 40

export function useOrders(conversation: () => string | undefined) {
  const desk = useDesk()
  const clock = useClock()
  const conversations = useConversations()
  const views = shallowReactive(new Map<string, OrdersView>())
  let abort: AbortController | undefined

  async function load(id: string, way: 'fresh' | 'more'): Promise<void> {
    abort?.abort()
    const mine = (abort = new AbortController())
    const before = views.get(id) ?? { orders: [], next: null, buyer: null, at: 0, state: 'loading', failure: undefined }
    views.set(id, { ...before, state: way === 'more' ? 'more' : 'loading' })
    try {
      const page = await desk.orders(id, way === 'more' ? before.next : undefined, mine.signal)
      const orders = way === 'more' ? [...before.orders, ...page.orders] : page.orders
      keep(id, { orders, next: page.next, buyer: page.buyer, at: clock.now(), state: 'idle', failure: undefined })
    } catch (failure) {
      if (!mine.signal.aborted) views.set(id, { ...before, state: 'failed', failure })
    }
  }

  function keep(id: string, view: OrdersView): void {
    views.delete(id)
    views.set(id, view)
    const [oldest] = views.keys()
    if (oldest !== undefined && views.size > KEPT_MAX) views.delete(oldest)
  }

  watch(conversation, (id) => {
    if (id) void load(id, 'fresh')
  }, { immediate: true })
  /* what failed with the connection is asked again with it */
  watch(() => conversations.connection?.phase, (phase) => {
    const id = conversation()
    if (phase === 'ready' && id && views.get(id)?.state === 'failed') void load(id, 'fresh')
  })
  onScopeDispose(() => abort?.abort())

  const view = computed(() => {
    const id = conversation()
    return id ? views.get(id) : undefined
  })

  return {
    view,
    more: () => void (conversation() && load(conversation()!, 'more')),
    again: () => void (conversation() && load(conversation()!, 'fresh')),
  }
}
