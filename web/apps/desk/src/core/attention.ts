/** Calls the person at the desk: sound, notification of the device, a number on the app's icon. */
import { onScopeDispose, watch } from 'vue'
import { createWatcher, type Happening } from './alerts'
import { useClock } from './clock'
import { useConversations } from './conversations'
import { usePlace } from './place'
import { useSettings } from './settings'
import { play } from './tones'
import { useWords } from './words'

const ICON = '/desk/icon-192.png'
const SECOND_US = 1_000_000

export function useAttention(open: (conversation: string) => void): void {
  const conversations = useConversations()
  const settings = useSettings()
  const clock = useClock()
  const place = usePlace()
  const { t, buyerName } = useWords()
  const look = createWatcher()
  const shown = new Map<string, Notification>()

  function inView(): string | undefined {
    const there = document.hasFocus() && !document.hidden && !place.page
    return there ? conversations.openId : undefined
  }

  function notify({ alert, row }: Happening): void {
    if (!settings.choices.desktop.on || document.hasFocus() || !('Notification' in window) || Notification.permission !== 'granted') return
    const text = settings.choices.desktop.text ? row.last?.preview : undefined
    const title = t(`alert.${alert}`, { name: buyerName(row.buyer) })
    const body = text ?? t('alert.hidden')
    try {
      const it = new Notification(title, { body, tag: row.conversation, icon: ICON, silent: true })
      shown.get(row.conversation)?.close()
      shown.set(row.conversation, it)
      it.onclick = () => {
        window.focus()
        it.close()
        open(row.conversation)
      }
    } catch {
      // Phones allow notifications only to the service worker.
      void navigator.serviceWorker?.ready.then((worker) => worker.showNotification(title, { body, tag: row.conversation, icon: ICON }), () => undefined)
    }
  }

  watch([() => conversations.mine, () => clock.second], () => {
    if (!conversations.loaded) return
    const urgentBefore = clock.second - settings.waiting.urgent_s * SECOND_US
    const happened = look({ rows: conversations.mine, inView: inView(), quiet: conversations.me?.state !== 'available', urgentBefore })
    const { sounds } = settings.choices
    const loudest = happened.find(({ alert }) => alert === 'alarm') ?? happened[0]
    if (loudest && sounds.on && sounds[loudest.alert]) play(loudest.alert, sounds.volume)
    happened.forEach(notify)
  })

  watch(() => conversations.waitingMine.length, (waiting) => {
    const app = navigator as Navigator & { setAppBadge?(n: number): Promise<void> }
    void app.setAppBadge?.(waiting).catch(() => undefined)
  })

  watch(() => conversations.openId, (id) => {
    if (id) shown.get(id)?.close()
  })
  const onMessage = (event: MessageEvent<{ open?: string }>): void => {
    if (event.data?.open) open(event.data.open)
  }
  navigator.serviceWorker?.addEventListener('message', onMessage)
  onScopeDispose(() => navigator.serviceWorker?.removeEventListener('message', onMessage))
  onScopeDispose(() => shown.forEach((it) => it.close()))
}
