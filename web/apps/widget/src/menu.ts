/* A small menu beside what it belongs to. Closes on Escape, on a choice and on anything else that is pressed.
   It comes after the first load and makes its elements itself. */

export interface MenuItem {
  label: string
  run(): void
}

export function openMenu(within: HTMLElement, anchor: HTMLElement, items: MenuItem[]): void {
  if (!items.length) return
  const buttons = items.map(({ label, run }) => {
    const button = document.createElement('button')
    Object.assign(button, { type: 'button', role: 'menuitem', textContent: label })
    button.addEventListener('click', () => (close(true), run()))
    return button
  })
  const menu = document.createElement('div')
  Object.assign(menu, { className: 'menu', role: 'menu' })
  menu.addEventListener('keydown', onKey)
  menu.append(...buttons)
  const outside = (event: Event) => {
    if (!event.composedPath().includes(menu)) close(false)
  }
  within.append(menu)
  place(menu, within, anchor)
  anchor.ariaExpanded = 'true'
  buttons[0]!.focus()
  within.getRootNode().addEventListener('pointerdown', outside)
  document.addEventListener('pointerdown', outside)

  function close(focus: boolean): void {
    within.getRootNode().removeEventListener('pointerdown', outside)
    document.removeEventListener('pointerdown', outside)
    anchor.ariaExpanded = 'false'
    menu.remove()
    if (focus) anchor.focus()
  }

  function onKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (event.key === 'Tab') return close(false)
    if (event.key !== 'Escape' && !step) return
    event.preventDefault()
    event.stopPropagation()
    if (!step) return close(true)
    const at = buttons.indexOf(event.target as HTMLButtonElement)
    buttons[(at + step + buttons.length) % buttons.length]!.focus()
  }
}

/** Below the anchor where there is room, else above; never outside of the window it lives in. */
function place(menu: HTMLElement, within: HTMLElement, anchor: HTMLElement): void {
  const frame = within.getBoundingClientRect()
  const at = anchor.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = menu
  const below = at.bottom + height + 8 < frame.bottom
  const top = below ? at.bottom - frame.top : at.top - frame.top - height
  const left = Math.min(Math.max(8, at.left - frame.left), frame.width - width - 8)
  menu.style.top = `${Math.max(8, top)}px`
  menu.style.left = `${left}px`
}
