/** What the palette can do beside finding: every command of the desk that needs no place on the screen. */
import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useConversations } from '../core/conversations'
import { useDesk } from '../core/desk_link'
import { keysText } from '../core/keyboard'
import { useNotice } from '../core/notice'
import { usePlace } from '../core/place'
import { useSession } from '../core/session'
import { useSettings } from '../core/settings'
import type { Deed } from '../features/chat/SearchPalette.vue'
import { PAGES } from './pages'

export interface DeedHands {
  open(conversation: string | undefined): void
  help(): void
  signOut(): void
}

export function useDeeds(desk: ReturnType<typeof useDesk>, hands: DeedHands): ComputedRef<Deed[]> {
  const conversations = useConversations()
  const settings = useSettings()
  const session = useSession()
  const place = usePlace()
  const notice = useNotice()
  const { t } = useI18n()

  /** The longest waiting buyer of the queue becomes mine; with nobody there, the longest waiting one of mine opens. */
  async function takeLongest(): Promise<void> {
    const waiting = [...conversations.queue, ...conversations.left].filter((row) => row.waiting_since !== null)
    const first = waiting.sort((a, b) => (a.waiting_since ?? 0) - (b.waiting_since ?? 0))[0]?.conversation
    if (first) await desk.take(first).catch(notice.tell)
    hands.open(first ?? conversations.longestWaiting)
  }

  return computed(() => {
    const state = conversations.me?.state
    const dark = settings.theme === 'dark'
    const deeds: (Deed | false)[] = [
      { key: 'take-longest', label: t('deed.takeLongest'), icon: 'hand', run: () => void takeLongest() },
      { key: 'open-longest', label: t('help.longest'), hint: keysText('longest'), icon: 'later', run: () => hands.open(conversations.longestWaiting) },
      state !== 'available' && { key: 'available', label: t('deed.available'), icon: 'free', run: () => void desk.setState('available').catch(notice.tell) },
      state === 'available' && { key: 'away', label: t('deed.away'), icon: 'away', run: () => void desk.setState('away').catch(notice.tell) },
      { key: 'theme', label: t(dark ? 'look.toLight' : 'look.toDark'), icon: dark ? 'sun' : 'moon', run: settings.toggleTheme },
      { key: 'language', label: t('deed.language'), icon: 'globe', run: () => void (settings.locale = settings.locale === 'en' ? 'zh-CN' : 'en') },
      Boolean(place.page) && { key: 'chat', label: t('deed.go', { page: t('rail.chat') }), icon: 'chat', run: () => place.show(place.pane) },
      ...PAGES.filter((page) => session.may(page.right)).map((page): Deed => ({ key: `page-${page.id}`, label: t('deed.go', { page: t(`page.${page.id}.title`) }), icon: page.icon, run: () => place.go(page.id) })),
      { key: 'help', label: t('help.title'), hint: keysText('help'), icon: 'keys', run: hands.help },
      { key: 'sign-out', label: t('account.signOut'), icon: 'leave', run: hands.signOut },
    ]
    return deeds.filter((deed): deed is Deed => deed !== false)
  })
}
