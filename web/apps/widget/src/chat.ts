/* The chat itself, the same in the corner of a shop and as a page of its own: header, log, composer, and what joins them
   to the session. */

import { BuyerSession, type BuyerEvent } from '@xiaoer/realtime/buyer.ts'
import { browserEnvironment, browserStore } from '@xiaoer/realtime/environment.ts'
import type { Line } from '@xiaoer/realtime/lines.ts'
import { newComposer } from './composer.ts'
import { h, icon } from './dom.ts'
import { newLogView } from './log_view.ts'
import type { MenuItem } from './menu.ts'
import type { Options } from './options.ts'
import { reasonOf, type Words } from './words.ts'

export interface ChatPorts {
  /** Leaves the chat: closes the window or goes back a page. Absent when there is nowhere to go. */
  leave?: () => void
  leave_icon: 'down' | 'back'
  unread(count: number): void
}

export interface Chat {
  element: HTMLElement
  session: BuyerSession
  /** The buyer looks at it now. */
  show(): void
  hide(): void
  focus(): void
}

/** A connection that comes back sooner than this is not worth a word. */
const QUIET_MS = 1_500

/** Menus and sound come after the first load. */
const extras = () => import('./menu.ts')

export function newChat(options: Options, words: Words, ports: ChatPorts): Chat {
  const { t } = words
  const store = browserStore()
  const sound_key = `xiaoer.sound.${options.shop}`
  let is_shown = false
  let is_fitted = false
  let is_due = false
  let lost_at = 0

  const session = new BuyerSession({ env: browserEnvironment(), store, ...options, tell })
  const log = newLogView({
    words,
    now: () => session.clock.now(),
    retry: (id) => session.retry(id),
    discard: (id) => session.discard(id),
    actions: (line, anchor) => openMenu(anchor, actionsOf(line)),
    atEnd: markRead,
  })
  const composer = newComposer(words, (text) => {
    const taken = session.send(text)
    if (taken) log.toEnd()
    else notice(t('error_outbox_full'))
    return taken
  })

  const avatar = h('span.av', { 'aria-hidden': 'true' })
  const name = h('b')
  const state = h('small', { role: 'status' })
  const more = h('button.tap', { type: 'button', 'aria-label': t('more'), 'aria-haspopup': 'menu', onclick: () => openMenu(more, moreItems()) }, icon('more'))
  const is_page = ports.leave_icon === 'back'
  const leave = ports.leave && h(`button.tap${is_page ? '.back' : ''}`, { type: 'button', 'aria-label': t(is_page ? 'back' : 'close'), onclick: ports.leave }, icon(ports.leave_icon))
  const net = h('div.net', { role: 'status', hidden: true })
  const queue = h('div.queue', { role: 'status', hidden: true }, h('b', {}, t('queued')), h('p', {}, t('queue_text')))
  const duty = h('div.duty', { hidden: true }, t('welcome_off_duty'))
  const element = h('section.w', { 'aria-label': t('title') },
    h('header', {}, is_page && leave, avatar, h('div.who', {}, name, state), more, !is_page && leave),
    net, log.element, queue, duty, composer.element)

  addEventListener('storage', ({ key }) => key === `xiaoer.token.${options.shop}` && session.reload())
  document.addEventListener('visibilitychange', markRead)
  drawHead()
  drawLines()

  function tell(event: BuyerEvent): void {
    if (event.type === 'refused') return notice(reasonOf(words, event.error))
    if (event.type === 'connection') drawNet()
    if (event.type === 'arrived') {
      const messages = event.entries.filter((entry) => entry.kind === 'message').length
      log.arrived(messages)
      if (messages && store.read(sound_key) && (document.hidden || !is_shown)) void extras().then(({ chime }) => chime())
    }
    if (event.type !== 'lines') drawHead()
    if (is_due) return
    is_due = true
    queueMicrotask(() => {
      is_due = false
      drawLines()
      markRead()
      ports.unread(session.unread)
    })
  }

  function drawLines(): void {
    const { lines, complete, reception } = session
    log.draw(lines, complete, reception.on_duty)
    /* the log itself says it when it is empty or has just told */
    duty.hidden = reception.on_duty || !lines.length || lines.slice(-3).some(({ entry }) => entry.code === 'leave_message')
  }

  function drawHead(): void {
    const { agent, on_duty, state: reception } = session.reception
    const shop = session.welcome?.shop.name ?? ''
    const serving = reception === 'active' && agent
    name.textContent = serving ? agent.name : shop || t('title')
    avatar.textContent = [...(name.textContent || '·')][0]!
    const queued = reception === 'queued' && on_duty
    const text = !session.welcome ? t('loading') : serving ? t('serving', { shop }) : queued ? t('queued') : t(on_duty ? 'on_duty' : 'off_duty')
    const glyph = icon(on_duty && !queued ? 'free' : 'away', true)
    if (!on_duty || queued) glyph.classList.add('off')
    if (state.textContent !== text || !state.firstElementChild) state.replaceChildren(...(session.welcome ? [glyph] : []), text)
    queue.hidden = !queued
    composer.configure(t(on_duty ? (queued ? 'input_queued' : 'input') : 'input_off_duty'), session.limits.text_chars_max)
  }

  function drawNet(): void {
    const { phase, online, reason } = session.connection
    if (phase === 'ready' || phase === 'idle') lost_at = 0
    else lost_at ||= Date.now()
    const quiet = lost_at && Date.now() - lost_at < QUIET_MS && online && phase !== 'stopped'
    if (quiet) setTimeout(drawNet, QUIET_MS)
    net.hidden = !lost_at || !!quiet
    if (net.hidden) return
    const stopped = phase === 'stopped'
    net.className = stopped ? 'net bad' : 'net'
    const text = stopped ? t('stopped', { reason: reasonOf(words, reason!) }) : t(online ? 'reconnecting' : 'offline')
    if (net.firstElementChild?.textContent === text) return
    net.replaceChildren(h('span', {}, text), h('button', { type: 'button', onclick: () => session.reconnect() }, t('retry_now')))
  }

  /** Something that was asked for did not happen: said in the same bar, until the next thing. */
  function notice(text: string): void {
    net.hidden = false
    net.className = 'net bad'
    net.replaceChildren(h('span', {}, text))
    setTimeout(() => (net.replaceChildren(), drawNet()), 6_000)
  }

  async function fitted(): Promise<void> {
    if (is_fitted) return
    is_fitted = true
    const { fitAboveKeyboard } = await extras()
    fitAboveKeyboard(element)
  }

  function openMenu(anchor: HTMLElement, items: MenuItem[]): void {
    /* the window may have been closed while it loaded */
    void extras().then((module) => element.hidden || module.openMenu(element, anchor, items))
  }

  /** On a phone the keyboard stays down until the buyer wants it. */
  function focus(): void {
    if (matchMedia('(pointer: coarse)').matches) log.element.querySelector<HTMLElement>('.log')!.focus()
    else composer.focus()
  }

  function markRead(): void {
    if (is_shown && !document.hidden && log.is_at_end && session.complete) session.read(session.log.after)
  }

  function actionsOf({ entry, state: line_state }: Line): MenuItem[] {
    const text = entry.text ?? ''
    const items: MenuItem[] = [{ label: t('copy'), run: () => void navigator.clipboard?.writeText(text) }]
    const mine = line_state === 'sent' || line_state === 'read'
    const in_time = session.clock.now() - entry.at < session.limits.recall_seconds_max * 1_000_000
    if (mine && in_time && entry.seq) items.unshift({ label: t('recall'), run: () => (session.recall(entry.seq), focus()) })
    return items
  }

  function moreItems(): MenuItem[] {
    const on = !!store.read(sound_key)
    const toggle = () => {
      store.write(sound_key, on ? null : '1')
      if (!on) void extras().then(({ chime }) => chime())
    }
    const items = [{ label: t(on ? 'sound_off' : 'sound_on'), run: toggle }]
    const page = `${options.base}/chat/${options.shop}?lang=${words.lang}`
    if (!is_page) items.push({ label: t('full_page'), run: () => void open(page, '_blank', 'noopener') })
    return items
  }

  return {
    element,
    session,
    show() {
      is_shown = true
      session.start()
      fitted().catch(() => (is_fitted = false))
      log.toEnd()
      markRead()
    },
    hide() {
      is_shown = false
    },
    focus,
  }
}
