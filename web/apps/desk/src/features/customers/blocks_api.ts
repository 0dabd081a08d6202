/** What can be asked and done about blocked buyers. */
import type { components } from '@xiaoer/api'
import { useApi } from '../../core/api'
import { useSession } from '../../core/session'

export type Block = components['schemas']['Block']
type Blocks = components['schemas']['Blocks']

export const REASONS = ['abuse', 'advertising', 'fraud', 'flood', 'other'] as const
export interface Wanted {
  reason: (typeof REASONS)[number]
  note: string
  days: number
}

export function useBlocks() {
  const api = useApi()
  const session = useSession()
  const shop = `/shops/${session.shopKey}`
  return {
    page: (cursor?: string) => api.get<Blocks>(`${shop}/blocks`, { query: { cursor } }),
    of: (conversation: string) => api.get<Blocks>(`${shop}/conversations/${conversation}/blocks`),
    propose: (conversation: string, wanted: Wanted) => api.post<Blocks>(`${shop}/conversations/${conversation}/blocks`, wanted),
    decide: (id: number, days: number | null) => api.post<Block>(`${shop}/blocks/${id}/decide`, { days }),
    lift: (id: number) => api.post<Block>(`${shop}/blocks/${id}/lift`),
  }
}
