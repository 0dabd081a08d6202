/* The one line in a shop's page: a launcher in the corner and the window it opens.
   Loaded as a classic script; `window.xiaoer` is all it leaves behind. */

import { newChat, type Chat } from './chat.ts'
import { h, icon, set } from './dom.ts'
import { newHost, type Host } from './look.ts'
import { optionsOf, type Options } from './options.ts'
import { loadWords, type Words } from './words.ts'
import type { ViewedPage } from '@xiaoer/realtime/shapes.ts'

export interface XiaoerApi {
  /** Tells who the customer is: a token signed by the shop. */
  identify(jwt: string): void
  /** Forgets the customer on this device. */
  logout(): void
  open(): void
  close(): void
  /** What the customer looks at; null: nothing in particular. */
  viewing(page: ViewedPage | null): void
}

declare global {
  interface Window {
    xiaoer?: XiaoerApi
  }
}

const PHONE = '(max-width: 520px), (max-height: 480px) and (pointer: coarse)'

const script = document.currentScript as HTMLScriptElement | null
if (script && !window.xiaoer) {
  const options = optionsOf(new URL(script.src).origin, script.dataset, 'light')
  if (options.shop) start(options)
  else console.error('xiaoer: the script element needs data-shop')
}

/** Calls made before the words are here wait for them. */
function start(options: Options): void {
  const ready = Promise.all([loadWords(options.lang), newHost(options), bodyIsThere()]).then(([words, host]) => mount(options, words, host))
  window.xiaoer = {
    identify: (jwt) => void ready.then(({ chat }) => chat.session.identify(jwt)),
    logout: () => void ready.then(({ chat, close }) => (close(), chat.session.logout())),
    open: () => void ready.then(({ open }) => open()),
    close: () => void ready.then(({ close }) => close()),
    viewing: (page) => void ready.then(({ chat }) => chat.view(page)),
  }
  dispatchEvent(new Event('xiaoer:ready'))
  if (options.open) window.xiaoer.open()
}

function bodyIsThere(): Promise<void> {
  return new Promise((done) => {
    if (document.body) done()
    else document.addEventListener('DOMContentLoaded', () => done())
  })
}

function mount(options: Options, words: Words, { host, root }: Host) {
  const { t } = words
  host.lang = words.lang
  const phone = matchMedia(PHONE)
  const badge = h('span.badge', { hidden: true })
  const launch = h('button.launch', { type: 'button', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', onclick: () => open() },
    icon('talk'), t('launch'), badge)
  const chat: Chat = newChat(options, words, { leave: () => close(), leave_icon: 'down', unread: drawUnread, stale: renew })
  const panel = chat.element
  let is_open = false
  /** On a phone the window is a page of its own: the back button must close it. */
  let has_step = false

  panel.hidden = true
  set(panel, 'role', 'dialog')
  panel.addEventListener('keydown', (event) => event.key === 'Escape' && !event.isComposing && (chat.back() || close()))
  phone.addEventListener('change', fit)
  addEventListener('popstate', () => {
    if (chat.back(true)) return
    has_step = false
    if (is_open) close()
  })
  fit()
  root.append(launch, panel)
  document.body.append(host)
  if (chat.session.is_known) chat.session.start()

  function fit(): void {
    panel.classList.toggle('full', phone.matches)
    panel.classList.toggle('corner', !phone.matches)
    set(panel, 'aria-modal', phone.matches && 'true')
  }

  function open(): void {
    if (is_open) return
    is_open = true
    panel.hidden = false
    launch.hidden = true
    set(launch, 'aria-expanded', 'true')
    if (phone.matches) {
      history.pushState({ ...(history.state as object | null), xiaoer: true }, '')
      has_step = true
    }
    chat.show()
    chat.focus()
  }

  function close(): void {
    if (!is_open) return
    is_open = false
    panel.hidden = true
    launch.hidden = false
    set(launch, 'aria-expanded', 'false')
    chat.hide()
    launch.focus({ preventScroll: true })
    if (has_step) history.back()
    has_step = false
  }

  /** This script may be older than the server, whose parts then have other names: once, the newest script takes over. */
  function renew(): void {
    const { src, dataset } = script!
    if (dataset.again) return
    void fetch(src, { cache: 'reload' }).then((answer) => {
      if (!answer.ok) return
      const next = h<HTMLScriptElement>('script')
      Object.assign(next.dataset, dataset, { again: 1 }, is_open && { open: '' })
      try {
        next.src = src
      } catch {
        /* a policy of trusted types: the next page has the new script */
        return
      }
      chat.session.stop()
      host.remove()
      delete window.xiaoer
      document.head.append(next)
    }, () => undefined)
  }

  function drawUnread(count: number): void {
    badge.hidden = !count
    badge.textContent = count > 99 ? '99+' : String(count)
    set(launch, 'aria-label', count ? t('launch_unread', { n: count }) : t('launch'))
  }

  return { chat, open, close }
}
