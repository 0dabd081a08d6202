/* The chat itself, the same in the corner of a shop and as a page of its own: header, log, composer, and what joins them
   to the session. */

import { BuyerSession, type BuyerEvent } from '@xiaoer/realtime/buyer.ts'
import { newClientId } from '@xiaoer/realtime/client_id.ts'
import { browserEnvironment, browserStore } from '@xiaoer/realtime/environment.ts'
import type { ViewedPage } from '@xiaoer/realtime/shapes.ts'
import { newComposer } from './composer.ts'
import { h, icon, set } from './dom.ts'
import type { Furniture, Kit } from './kit.ts'
import { newLogView } from './log_view.ts'
import type { Options } from './options.ts'
import { reasonOf, timeOf, type Words } from './words.ts'

export interface ChatPorts {
  /** Leaves the chat: closes the window or goes back a page. Absent when there is nowhere to go. */
  leave?: () => void
  leave_icon: 'down' | 'back'
  unread(count: number): void
  /** A later part did not come, and maybe is not there any more. */
  stale(): void
}

export interface Chat {
  element: HTMLElement
  session: BuyerSession
  /** The buyer looks at it now. */
  show(): void
  hide(): void
  focus(): void
  /** Closes the topmost layer inside the window, if there is one. */
  back(by_history?: boolean): boolean
  view(page: ViewedPage | null): void
}

/** A connection that comes back sooner than this is not worth a word. */
const QUIET_MS = 1_500

export function newChat(options: Options, words: Words, ports: ChatPorts): Chat {
  const { t } = words
  const store = browserStore()
  const env = browserEnvironment()
  const sound_key = `xiaoer.sound.${options.shop}`
  let is_shown = false
  let is_due = false
  let furniture: Furniture | undefined
  let coming: Promise<Furniture> | undefined
  let viewed: ViewedPage | null | undefined
  let lost_at = 0

  const session = new BuyerSession({ env, store, ...options, tell })
  const log = newLogView({
    words,
    now: () => session.clock.now(),
    retry: (id) => session.retry(id),
    discard: (id) => session.discard(id),
    actions: (line, anchor) => void furnish().then((more) => more.actions(line, anchor)),
    body: (entry) => furniture?.body(entry),
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
  const more = h('button.tap', { type: 'button', 'aria-label': t('more'), 'aria-haspopup': 'menu', onclick: () => void furnish().then((parts) => parts.menu()) }, icon('more'))
  const is_page = ports.leave_icon === 'back'
  const leave = ports.leave && h(`button.tap${is_page ? '.back' : ''}`, { type: 'button', 'aria-label': t(is_page ? 'back' : 'close'), onclick: ports.leave }, icon(ports.leave_icon))
  const net = h('div.net', { role: 'status', hidden: true })
  const queue = h('div.queue', { role: 'status', hidden: true }, h('b', {}, t('queued')), h('p', {}, t('queue_text')))
  const duty = h('div.duty', { hidden: true }, t('welcome_off_duty'))
  const element = h('section.w', { 'aria-label': t('title') },
    h('header', {}, is_page && leave, avatar, h('div.who', {}, name, state), more, !is_page && leave),
    net, log.element, queue, duty, composer.element)

  const kit: Kit = {
    options, words, session, store, env, element, more, composer, is_page, h, set, timeOf, notice, focus,
    newId: () => newClientId(env.now(), env.random), viewed: () => viewed, toEnd: () => log.toEnd(),
  }
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
      if (messages && store.read(sound_key) && (document.hidden || !is_shown)) void furnish().then(({ chime }) => chime())
    }
    if (event.type !== 'lines') drawHead()
    /* who agreed once to show what is being looked at */
    if (event.type === 'welcome' && +(store.read(`xiaoer.consent.${options.shop}`) ?? 0) > 0) void furnish()
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
    furniture?.refresh()
    duty.hidden = reception.on_duty || !furniture
  }

  function drawHead(): void {
    const { agent, on_duty, state: reception } = session.reception
    const shop = session.welcome?.shop.name ?? ''
    const serving = reception === 'active' && agent
    name.textContent = serving ? agent.name : shop || t('title')
    avatar.textContent = [...(name.textContent || '·')][0]!
    const queued = reception === 'queued' && on_duty
    const text = !session.welcome ? t('loading') : serving ? agent.signature || t('serving', { shop }) : queued ? t('queued') : t(on_duty ? 'on_duty' : 'off_duty')
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

  /** Everything that can come after the first load; asked for again as long as it did not come. */
  function furnish(): Promise<Furniture> {
    return (coming ??= import('./furnish.ts').then(
      async (module) => {
        furniture = await module.furnish(kit)
        drawLines()
        return furniture
      },
      (failure) => {
        coming = undefined
        ports.stale()
        throw failure
      },
    ))
  }

  /** On a phone the keyboard stays down until the buyer wants it. */
  function focus(): void {
    if (matchMedia('(pointer: coarse)').matches) log.element.querySelector<HTMLElement>('.log')!.focus()
    else composer.focus()
  }

  function markRead(): void {
    if (is_shown && !document.hidden && log.is_at_end && session.complete) session.read(session.log.after)
  }

  return {
    element,
    session,
    show() {
      is_shown = true
      session.start()
      void furnish().catch(() => undefined)
      log.toEnd()
      markRead()
    },
    hide() {
      is_shown = false
      while (furniture?.back(false));
    },
    focus,
    back: (by_history = false) => !!furniture?.back(by_history),
    view(page) {
      viewed = page
      furniture?.refresh()
    },
  }
}
