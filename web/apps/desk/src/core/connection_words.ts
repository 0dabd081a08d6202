/** The connection in words: connected, by HTTP, or away with the seconds to the next try. */
import { useLate } from '@xiaoer/ui'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useClock } from './clock'
import { useConversations } from './conversations'

const AWAY_AFTER_MS = 1000

export type ConnectionFace = 'ready' | 'poll' | 'connecting' | 'waiting' | 'offline' | 'stopped'

export function useConnectionWords() {
  const { t } = useI18n()
  const clock = useClock()
  const conversations = useConversations()

  const state = computed<ConnectionFace>(() => {
    const now = conversations.connection
    if (!now || now.phase === 'idle' || now.phase === 'connecting') return 'connecting'
    if (now.phase === 'stopped') return 'stopped'
    if (now.phase === 'ready') return now.transport === 'poll' ? 'poll' : 'ready'
    return now.online ? 'waiting' : 'offline'
  })

  /** Whole seconds to the next try; the tick of the clock makes it move. */
  const retry_s = computed(() => {
    const at = conversations.connection?.retry_at ?? 0
    void clock.second
    return Math.max(0, Math.ceil((at - Date.now()) / 1000))
  })

  /** Steady while tries come and go; a quick resume shows nothing. */
  const away = useLate(() => conversations.connection?.phase !== 'ready', AWAY_AFTER_MS)
  const text = computed(() => (state.value === 'waiting' ? t('connection.waiting', { n: retry_s.value }, retry_s.value) : t(`connection.${state.value}`)))
  const hint = computed(() => t(`connection.hint.${state.value}`))

  return { state, away, text, hint }
}
