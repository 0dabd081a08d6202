/** Whether the buyer of a row is served by oneself now: only then does something leave for them. */
import type { Row } from '@xiaoer/realtime'
import { computed, type ComputedRef } from 'vue'
import { useConversations } from './conversations'

export function useMine(row: () => Row | undefined): ComputedRef<boolean> {
  const conversations = useConversations()
  return computed(() => {
    const session = row()?.session
    return session?.state === 'active' && session.agent !== null && session.agent.id === conversations.me?.id
  })
}
