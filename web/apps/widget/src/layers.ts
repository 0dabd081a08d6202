/* What lies over the chat: a picture, a form. Each keeps the focus inside, closes on Escape, and on a phone on the back button,
   before that one leaves the chat. */

import type { Kit } from './kit.ts'

export interface Layers {
  /** Lays `content` over the window; `closed` runs however it ends. Returns what closes it. */
  open(content: HTMLElement, closed?: () => void): () => void
  /** Closes the topmost one: true if there was one, or if this step back in history was our own. */
  back(by_history: boolean): boolean
}

const FOCUSABLE = 'button:not([hidden]), input:not([hidden]), textarea, a[href]'

export function newLayers({ element, set }: Kit): Layers {
  const stack: ((by_back: boolean) => void)[] = []
  /** Steps back that we asked for ourselves and that have not happened yet. */
  let own_steps = 0

  function open(content: HTMLElement, closed: () => void = () => undefined): () => void {
    const root = element.getRootNode() as ShadowRoot
    const before = root.activeElement as HTMLElement | null
    const has_step = element.classList.contains('full')
    set(content, 'role', 'dialog')
    set(content, 'aria-modal', 'true')
    content.tabIndex = -1
    content.addEventListener('keydown', (event) => keepFocus(event, content, root))
    const under = [...element.children].filter((child) => !child.hasAttribute('inert'))
    under.forEach((child) => set(child, 'inert', true))
    element.append(content)
    if (has_step) history.pushState({ ...(history.state as object | null), xiaoer_layer: stack.length + 1 }, '')
    const close = (by_back: boolean) => {
      const at = stack.indexOf(close)
      if (at < 0) return
      stack.splice(at, 1)
      content.remove()
      under.forEach((child) => set(child, 'inert', false))
      before?.focus({ preventScroll: true })
      if (has_step && !by_back) {
        own_steps++
        history.back()
      }
      closed()
    }
    stack.push(close)
    ;(content.querySelector<HTMLElement>('[data-first]') ?? content).focus({ preventScroll: true })
    return () => close(false)
  }

  function back(by_history: boolean): boolean {
    if (by_history && own_steps) {
      own_steps--
      return true
    }
    const top = stack.at(-1)
    top?.(by_history)
    return !!top
  }

  return { open, back }
}

function keepFocus(event: KeyboardEvent, content: HTMLElement, root: ShadowRoot): void {
  if (event.key !== 'Tab') return
  const all = [...content.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((one) => one.tabIndex >= 0)
  const [first, last] = [all[0], all.at(-1)]
  if (!first || !last) return event.preventDefault()
  const at = root.activeElement
  if (event.shiftKey && (at === first || at === content)) (event.preventDefault(), last.focus())
  else if (!event.shiftKey && at === last) (event.preventDefault(), first.focus())
}
