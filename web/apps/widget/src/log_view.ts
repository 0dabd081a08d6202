/* The conversation on screen: bubbles, times, lines of the system. Stays at the end while the reader is there; otherwise it does not move
   and a pill says how much is new. Rows are kept by key, so a line that settles is the same element. */

import type { Line } from '@xiaoer/realtime/lines.ts'
import type { Entry } from '@xiaoer/realtime/shapes.ts'
import { h, icon, linked, set } from './dom.ts'
import { reasonOf, sentenceOf, timeOf, type Words } from './words.ts'

export interface LogPorts {
  words: Words
  now(): number
  retry(id: string): void
  discard(id: string): void
  /** Offers what can be done with a line, beside `anchor`. */
  actions(line: Line, anchor: HTMLElement): void
  /** How a message that is more than text looks; undefined while the part that knows is not here. */
  body(entry: Entry): Node | undefined
  /** The reader has the end before them. */
  atEnd(): void
}

export interface LogView {
  element: HTMLElement
  draw(lines: Line[], complete: boolean, on_duty: boolean): void
  arrived(count: number): void
  toEnd(): void
  /** True while the end of the log is in view. */
  readonly is_at_end: boolean
}

interface Item {
  key: string
  /** What the element was built from: same text, same element. */
  body: string
  build(): HTMLElement
  status?: { text: string; fill(into: HTMLElement): void }
}

const WINDOW = 200
const SLACK_PX = 48
const PAUSE_US = 10 * 60_000_000
const GROUP_US = 3 * 60_000_000
const LONG_PRESS_MS = 450

export function newLogView(ports: LogPorts): LogView {
  const { t } = ports.words
  const log = h('div.log', { role: 'log', 'aria-label': t('log'), 'aria-live': 'polite', tabindex: 0 })
  const pill = h('button.pill', { type: 'button', hidden: true, onclick: () => toEnd() })
  const element = h('div.mid', {}, log, pill)
  const rows = new Map<string, { body: string; status: string; row: HTMLElement }>()
  let shown = WINDOW
  let unseen = 0
  let is_at_end = true
  let redraw = () => {}

  log.addEventListener('scroll', () => {
    const was = is_at_end
    is_at_end = log.scrollHeight - log.scrollTop - log.clientHeight < SLACK_PX
    if (is_at_end && !was) unseen = 0
    drawPill()
    if (is_at_end) ports.atEnd()
  })
  new ResizeObserver(() => is_at_end && toEnd()).observe(log)

  function toEnd(): void {
    is_at_end = true
    unseen = 0
    log.scrollTop = log.scrollHeight
    drawPill()
  }

  function drawPill(): void {
    pill.hidden = is_at_end
    if (!is_at_end) pill.replaceChildren(unseen ? t('new_messages', { n: unseen }) : t('to_end'), icon('down', true))
  }

  function draw(lines: Line[], complete: boolean, on_duty: boolean): void {
    redraw = () => draw(lines, complete, on_duty)
    const items = complete || lines.length ? itemsOf(lines.slice(-shown), lines.length > shown, on_duty) : []
    const keys = new Set(items.map((item) => item.key))
    for (const [key, { row }] of rows) if (!keys.has(key)) (row.remove(), rows.delete(key))
    const wanted = items.map(rowOf)
    let at: Element | null = log.firstElementChild
    for (const row of wanted) {
      if (row === at) at = at.nextElementSibling
      else log.insertBefore(row, at)
    }
    if (is_at_end) toEnd()
  }

  function rowOf(item: Item): HTMLElement {
    let known = rows.get(item.key)
    if (known?.body !== item.body) {
      const row = item.build()
      known?.row.replaceWith(row)
      known = { body: item.body, status: '', row }
      rows.set(item.key, known)
    }
    if (item.status && known.status !== item.status.text) {
      known.status = item.status.text
      item.status.fill(known.row)
    }
    return known.row
  }

  function itemsOf(lines: Line[], has_earlier: boolean, on_duty: boolean): Item[] {
    const items: Item[] = []
    if (has_earlier) items.push(plain('earlier', () => h('button.more', { type: 'button', onclick: earlier }, t('earlier'))))
    const hello = on_duty ? 'welcome' : 'welcome_off_duty'
    if (!lines.length) items.push(plain(hello, () => h('div.row.auto', {}, h('div.from', {}, icon('robot', true), t('robot')), h('div.line', {}, h('div.say', {}, t(hello))))))
    const last_mine = lines.filter((line) => line.state !== 'received' && !line.entry.recalled).at(-1)
    let before: Line | null = null
    for (const line of lines) {
      const item = isSpoken(line) ? bubble(line, before, line === last_mine) : system(line)
      if (!item) continue
      const { at } = line.entry
      if (!before || at - before.entry.at > PAUSE_US) {
        const time = timeOf(ports.words, at, ports.now())
        items.push(plain(`time ${line.key}`, () => h('div.row.sys', {}, time), time))
      }
      items.push(item)
      before = line
    }
    return items
  }

  function earlier(): void {
    const from_end = log.scrollHeight - log.scrollTop
    shown += WINDOW
    redraw()
    log.scrollTop = log.scrollHeight - from_end
  }

  function system({ key, entry, state }: Line): Item | null {
    const by = state === 'received' ? 'recalled_by_other' : 'recalled_by_me'
    const text = entry.recalled ? t(by) : sentenceOf(ports.words, entry)
    return text ? plain(key, () => h('div.row.sys', {}, text), text) : null
  }

  function bubble(line: Line, before: Line | null, is_last_mine: boolean): Item {
    const { entry, state } = line
    const mine = state !== 'received'
    const voice = entry.by.side === 'robot' || entry.message === 'robot' ? 'robot' : entry.message === 'auto' ? 'auto' : ''
    const name = mine ? '' : voice ? t('robot') : (entry.by.name ?? t('agent'))
    const b = before?.entry
    const tight = !!before && !!b && isSpoken(before) && b.by.side === entry.by.side && b.by.id === entry.by.id &&
      b.message === entry.message && entry.at - b.at < GROUP_US
    const card = entry.content && ports.body(entry)
    const build = () => {
      const say = card ? h('div.say.card', {}, card) : h('div.say', {}, ...linked(entry.text ?? '…'))
      const act = h('button.act', { type: 'button', 'aria-label': t('more'), 'aria-haspopup': 'menu' }, icon('more', true))
      const row = h('div.row', {},
        mine && h('span.vh', {}, t('me')),
        !mine && !tight && h('div.from', {}, voice && icon('robot', true), name),
        h('div.line', {}, say, mine && h('div.st', { 'aria-live': 'off' }), act))
      const ask = () => ports.actions(find(line.key) ?? line, act)
      act.addEventListener('click', ask)
      onLongPress(say, ask)
      return row
    }
    const text = `${state} ${is_last_mine} ${line.recalling} ${line.error && reasonOf(ports.words, line.error)} ${tight} ${entry.seq > 0}`
    const fill = (row: HTMLElement) => {
      row.className = `row ${mine ? 'me' : voice} ${state}${tight ? ' tight' : ''}`
      const status = row.querySelector<HTMLElement>('.st')
      if (status) drawStatus(status, line, is_last_mine)
    }
    current.set(line.key, line)
    return { key: line.key, body: `${entry.text} ${name} ${tight} ${!!card} ${entry.content && entry.seq}`, build, status: { text, fill } }
  }

  const current = new Map<string, Line>()
  const find = (key: string) => current.get(key)

  function drawStatus(status: HTMLElement, line: Line, is_last: boolean): void {
    const { state, entry, error } = line
    const id = entry.client_id ?? ''
    const failed = state === 'failed'
    status.className = `st${failed ? ' bad' : ''}`
    const label = line.recalling ? t('recalling') : t(state as 'sent')
    set(status, 'title', label)
    status.replaceChildren(icon(state as 'sent', true))
    if (state === 'read') status.firstElementChild!.classList.add('ok')
    if (!failed) return status.append(h(is_last || line.recalling ? 'span' : 'span.vh', {}, label))
    status.append(
      h('span', {}, error ? `${label}：${reasonOf(ports.words, error)}` : label),
      h('button', { type: 'button', onclick: () => ports.retry(id) }, t('retry')),
      h('button', { type: 'button', onclick: () => ports.discard(id) }, t('discard')),
    )
  }

  return {
    element,
    draw,
    toEnd,
    arrived(count) {
      if (is_at_end) return
      unseen += count
      drawPill()
    },
    get is_at_end() {
      return is_at_end
    },
  }
}

/** A message of anybody, or an automatic text; lines of the system carry a code instead. */
function isSpoken({ entry }: Line): boolean {
  return !!(entry.text || entry.content) && !entry.recalled && (entry.kind === 'message' || entry.kind === 'notice')
}

function plain(key: string, build: () => HTMLElement, body = ''): Item {
  return { key, body, build }
}

/** A finger that stays, or the other mouse button. A press that moves is a scroll. */
function onLongPress(element: HTMLElement, run: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const cancel = () => clearTimeout(timer)
  element.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'touch') timer = setTimeout(run, LONG_PRESS_MS)
  })
  for (const end of ['pointerup', 'pointercancel', 'pointerleave']) element.addEventListener(end, cancel)
  element.addEventListener('contextmenu', (event) => {
    if (getSelection()?.toString()) return
    event.preventDefault()
    cancel()
    run()
  })
}
