/* Where the buyer writes. Enter sends, Shift+Enter breaks the line, and while an input method composes every key belongs to it. */

import { h, icon, set } from './dom.ts'
import type { Words } from './words.ts'

export interface Composer {
  element: HTMLElement
  field: HTMLTextAreaElement
  /** Places for what comes later, before and behind the field. */
  tools: HTMLElement[]
  focus(): void
  /** Says what the field is for, and how long a text may be. */
  configure(placeholder: string, chars_max: number): void
  /** Cuts what is longer into parts, once that part of the widget is here. */
  split?: (text: string, chars_max: number) => string[]
}

const LINES_PX_MAX = 132

export function newComposer({ t }: Words, send: (text: string) => boolean): Composer {
  let chars_max = 2000
  let composing = false
  const field = h<HTMLTextAreaElement>('textarea', { rows: 1, enterkeyhint: 'send', autocomplete: 'off' })
  const go = h('button.go', { type: 'submit', 'aria-label': t('send'), title: t('send'), 'aria-disabled': 'true' }, icon('send'))
  const left = h('div.left', { role: 'status', hidden: true })
  const tools = [h('i.tool'), h('i.tool')]
  const form = h('form.bar', { onsubmit: submit }, left, tools[0], field, tools[1], go)

  field.addEventListener('compositionstart', () => (composing = true))
  field.addEventListener('compositionend', () => {
    composing = false
    look()
  })
  field.addEventListener('input', look)
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey) return
    /* 229: a browser that ends the composition before it reports the key */
    if (composing || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    submit(event)
  })
  /* keeps the keyboard of a phone open */
  go.addEventListener('pointerdown', (event) => event.preventDefault())

  function submit(event: Event): void {
    event.preventDefault()
    const parts = partsOf(field.value.trim())
    const whole = parts.length
    while (parts[0] && send(parts[0])) parts.shift()
    if (parts.length === whole) return
    field.value = parts.join('\n')
    look()
  }

  function partsOf(text: string): string[] {
    return count(text) > chars_max ? (me.split?.(text, chars_max) ?? []) : text ? [text] : []
  }

  function look(): void {
    field.style.height = 'auto'
    const wanted = field.scrollHeight + 2
    field.style.height = field.value ? `${Math.max(44, Math.min(LINES_PX_MAX, wanted))}px` : ''
    field.style.overflowY = wanted > LINES_PX_MAX ? 'auto' : ''
    const text = field.value.trim()
    const rest = chars_max - count(text)
    const parts = partsOf(text).length
    left.hidden = rest > chars_max / 10
    left.textContent = rest >= 0 ? t('chars_left', { n: rest }) : parts ? t('chars_parts', { n: parts, max: chars_max }) : t('chars_over', { n: -rest })
    left.classList.toggle('bad', !parts && rest < 0)
    set(go, 'aria-disabled', parts ? 'false' : 'true')
  }

  const me: Composer = {
    element: form,
    field,
    tools,
    focus: () => field.focus({ preventScroll: true }),
    configure(placeholder, max) {
      chars_max = max
      field.placeholder = placeholder
      set(field, 'aria-label', placeholder)
    },
  }
  return me
}

/** Characters as people count them, not UTF-16 units. */
function count(text: string): number {
  return [...text].length
}
