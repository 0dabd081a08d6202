/* What a queued buyer is told: the place, the wait that is expected and the one that was, and after a while the offer to leave a
   message; and what the shop says to everybody for a time, at night or during a sale. */

import type { Line } from '@xiaoer/realtime/lines.ts'
import type { Offer, Tools } from './tools.ts'

const MINUTE_US = 60_000_000
const MINUTE_S = 60
/** From here on seconds are more than anybody wants to know. */
const SECONDS_MAX = 90

export function newWaiting({ kit }: Tools, offer: () => Offer | undefined, leave: () => void): () => void {
  const { words, session, element, h } = kit
  const { t } = words
  const box = element.querySelector<HTMLElement>('.queue')!
  const [title, text] = [box.querySelector('b')!, box.querySelector('p')!]
  const [finding, hint] = [title.textContent, text.textContent]
  const more = h('p.long', { hidden: true }, h('span', {}, t('queue_long')), h('button.plain', { type: 'button', onclick: leave }, t('leave')))
  const notice = h('div.notice', { role: 'status', hidden: true })
  box.append(more)
  element.querySelector('header')!.after(notice)

  function draw(): void {
    const said = session.reception.notice
    notice.hidden = !said
    notice.textContent = said ? (words.lang === 'en' ? said.en : said.zh) : ''
    if (box.hidden) return
    const { position, wait_s } = session.reception
    const minutes = waited()
    title.textContent = !position ? finding : position === 1 ? t('queue_next') : t('queue_place', { n: position })
    const parts = [wait_s && expected(wait_s), minutes && t('waited', { n: minutes })].filter(Boolean)
    text.textContent = parts.length ? parts.join(words.lang === 'en' ? ', ' : '，') : hint
    more.hidden = minutes < (offer()?.leave_after_minutes ?? Infinity) || has_left()
  }

  function expected(seconds: number): string {
    return seconds < SECONDS_MAX ? t('queue_seconds', { n: seconds }) : t('queue_minutes', { n: Math.ceil(seconds / MINUTE_S) })
  }

  /** Honest waiting: since the first line that nobody has answered. */
  function waited(): number {
    let first: Line | undefined
    for (const line of session.lines) first = line.entry.by.side === 'agent' ? undefined : (first ?? (line.entry.by.side === 'buyer' ? line : undefined))
    return first ? Math.floor((session.clock.now() - first.entry.at) / MINUTE_US) : 0
  }

  /** Who has just left a message is not asked for another one. */
  function has_left(): boolean {
    return session.lines.slice(-3).some(({ entry }) => entry.code === 'message_left')
  }

  return draw
}
