/** Tells the server what was read: only what stands on screen, in a window that has the focus, of my own buyers. */
import type { Row } from '@xiaoer/realtime'
import { onScopeDispose, ref, watch } from 'vue'
import { useConversations } from './conversations'
import { useDesk } from './desk_link'

export function useReadMark(seen: () => number, row: () => Row): void {
  const desk = useDesk()
  const conversations = useConversations()
  const focused = ref(document.hasFocus())
  const refresh = (): void => void (focused.value = document.hasFocus() && !document.hidden)
  const events = ['focus', 'blur'] as const
  for (const event of events) window.addEventListener(event, refresh)
  document.addEventListener('visibilitychange', refresh)
  onScopeDispose(() => {
    for (const event of events) window.removeEventListener(event, refresh)
    document.removeEventListener('visibilitychange', refresh)
  })

  let told = 0
  watch([seen, focused, () => conversations.connection?.phase], () => {
    const { conversation, marks, session } = row()
    const mine = session?.agent?.id === conversations.me?.id
    const upTo = seen()
    if (!mine || !focused.value || conversations.connection?.phase !== 'ready') return
    if (upTo <= marks.staff || upTo <= told) return
    told = upTo
    desk.read(conversation, upTo)
  }, { immediate: true })
}
