/* A message for when somebody is there again: what it is about, the words, how to be reached. What was typed stays until it is stored. */

import type { Offer, Tools } from './tools.ts'

const WISHES = ['question', 'order', 'complaint'] as const
const CONTACT_MAX = 254
/** What was typed and not sent, should the form be closed. */
const draft = { wish: 'question' as (typeof WISHES)[number], order: '', text: '', contact: '' }

export function openLeave(tools: Tools, offer: Offer | undefined): void {
  const { kit, call, layers, glyph, refusal } = tools
  const { h, set, words, session, composer } = kit
  const { t } = words
  const id = kit.newId()
  let sending = false

  draft.text ||= composer.field.value
  const wishes = WISHES.map((wish) => h('button', { type: 'button', role: 'radio', 'aria-checked': wish === draft.wish, onclick: () => choose(wish) }, t(`wish_${wish}`)))
  const order = h<HTMLInputElement>('input', { id: 'l-order', autocomplete: 'off', maxlength: 64 })
  const text = h<HTMLTextAreaElement>('textarea', { id: 'l-text', maxlength: session.limits.text_chars_max, 'data-first': true })
  const contact = h<HTMLInputElement>('input', { id: 'l-contact', maxlength: CONTACT_MAX, autocomplete: 'off', 'aria-describedby': 'l-note' })
  const fault = h('p.fault', { role: 'alert', hidden: true })
  const submit = h('button.fill', { type: 'submit' }, t('leave_send'))
  const order_label = h('label', { for: 'l-order' }, t('leave_order'))
  const due = offer && words.t('leave_due', { time: timeOf(tools, offer.due_at) })
  const form = h('form.form', { onsubmit: send, novalidate: true },
    due && h('p', {}, due),
    h('div.label', { id: 'l-wish' }, t('leave_wish')),
    h('div.chips', { role: 'radiogroup', 'aria-labelledby': 'l-wish' }, ...wishes),
    order_label, order,
    h('label', { for: 'l-text' }, t('leave_text')), text,
    h('label', { for: 'l-contact' }, t('leave_contact')), contact,
    h('p', { id: 'l-note' }, t('leave_contact_note')),
    fault, submit)
  Object.assign(order, { value: draft.order })
  Object.assign(text, { value: draft.text })
  Object.assign(contact, { value: draft.contact })
  form.addEventListener('input', () => Object.assign(draft, { order: order.value, text: text.value, contact: contact.value }))
  const close = h('button.tap', { type: 'button', 'aria-label': t('close'), onclick: () => end() })
  close.append(glyph('close'))
  const end = layers.open(h('div.over', { 'aria-label': t('leave_title') }, h('header', {}, h('b', {}, t('leave_title')), close), form))
  choose(draft.wish)

  function choose(wish: (typeof WISHES)[number]): void {
    draft.wish = wish
    wishes.forEach((button, at) => set(button, 'aria-checked', String(WISHES[at] === wish)))
    order.hidden = order_label.hidden = wish === 'question'
  }

  function say(key: Parameters<typeof t>[0] | '', at?: HTMLElement): void {
    for (const field of [text, contact]) set(field, 'aria-invalid', field === at && 'true')
    fault.hidden = !key
    fault.textContent = key && t(key)
    at?.focus()
  }

  function send(event: Event): void {
    event.preventDefault()
    if (sending) return
    const reach = contact.value.trim()
    const is_mail = reach.includes('@')
    if (!text.value.trim()) return say('leave_text_missing', text)
    if (reach && !(is_mail ? /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/ : /^\+?[\d -]{6,31}$/).test(reach)) return say('leave_contact_bad', contact)
    if (session.connection.phase !== 'ready') return say('leave_offline')
    say('')
    busy(true)
    const body = {
      client_id: id, wish: draft.wish, text: text.value,
      ...(order.value.trim() && !order.hidden && { order: order.value.trim() }),
      ...(reach && { [is_mail ? 'email' : 'phone']: reach }),
    }
    call('POST', '/follow-ups', body).then(stored, (failure: unknown) => {
      busy(false)
      const field = refusal(failure)?.params?.field
      if (field === 'phone' || field === 'email') say('leave_contact_bad', contact)
      else say('leave_failed')
    })
  }

  function stored(): void {
    if (composer.field.value === draft.text) {
      composer.field.value = ''
      composer.field.dispatchEvent(new Event('input'))
    }
    Object.assign(draft, { wish: 'question', order: '', text: '', contact: '' })
    end()
    kit.toEnd()
  }

  function busy(is: boolean): void {
    sending = is
    set(submit, 'aria-disabled', is && 'true')
    submit.textContent = t(is ? 'leave_sending' : 'leave_send')
  }
}

/** 「明天 10:00」 by the server's clock. */
export function timeOf({ kit }: Tools, at_us: number): string {
  const { words, session } = kit
  const [at, now] = [new Date(at_us / 1000), new Date(session.clock.now() / 1000)]
  const time = at.toLocaleTimeString(words.lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const days = Math.round((new Date(at).setHours(0, 0, 0, 0) - new Date(now).setHours(0, 0, 0, 0)) / 86_400_000)
  if (days === 0) return words.t('today_at', { time })
  if (days === 1) return words.t('tomorrow', { time })
  return `${at.toLocaleDateString(words.lang, { month: 'short', day: 'numeric' })} ${time}`
}
