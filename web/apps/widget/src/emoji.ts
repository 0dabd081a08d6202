/* A small set of faces and signs for a shop's talk. */

import type { Tools } from './tools.ts'

const SET = '😀 😄 😊 🙂 😉 😍 😘 😂 😅 🤔 😐 😔 😢 😭 😡 😱 😴 🤗 🙏 👍 👎 👌 👏 🙌 💪 🤝 👀 ❤️ 💔 🌹 🎁 🎉 🎂 ☀️ 🌙 ⭐ ✅ ❌ ❓ ❗ 📦 🚚 🧾 💰 🛒 👗 👕 👖 👟 🧥 🧣 🧶'.split(' ')

export function toggleEmoji({ kit }: Tools, button: HTMLElement): void {
  const { element, composer, h, words } = kit
  const open = element.querySelector('.emoji')
  const close = () => {
    element.querySelector('.emoji')?.remove()
    button.ariaExpanded = 'false'
  }
  if (open) return close()
  const buttons = SET.map((sign, at) => h('button', { type: 'button', tabindex: at ? -1 : 0, onclick: () => insert(composer.field, sign) }, sign))
  const panel = h('div.emoji', { role: 'group', 'aria-label': words.t('emoji') }, ...buttons)
  panel.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      event.stopPropagation()
      close()
      button.focus()
      return
    }
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 }[event.key]
    const next = step && buttons[buttons.indexOf(event.target as HTMLElement) + step]
    if (!next) return
    event.preventDefault()
    next.tabIndex = 0
    next.focus()
  })
  composer.element.before(panel)
  button.ariaExpanded = 'true'
  buttons[0]!.focus({ preventScroll: true })
}

/** Where the cursor is; the field then looks at itself as after typing. */
function insert(field: HTMLTextAreaElement, text: string): void {
  field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end')
  field.dispatchEvent(new Event('input', { bubbles: true }))
}
