/* The shadow root with its style sheet, theme and colour. Built without inline styles, so any content policy that lets the script in
   lets the look in. */

import css from 'virtual:style'
import { accentOf } from './accent.ts'
import { h, set } from './dom.ts'
import type { Options } from './options.ts'

export interface Host {
  host: HTMLElement
  root: ShadowRoot
}

export async function newHost({ theme, accent }: Options): Promise<Host> {
  const host = h('xiaoer-chat')
  const root = host.attachShadow({ mode: 'open' })
  const night = matchMedia('(prefers-color-scheme: dark)')
  let has_dark = false
  const paint = async () => {
    const dark = theme === 'dark' || (theme === 'auto' && night.matches)
    if (dark && !has_dark) {
      has_dark = true
      await import('virtual:style-dark').then((style) => adopt(root, style.default), () => (has_dark = false))
    }
    set(host, 'data-theme', dark && has_dark ? 'dark' : 'light')
    for (const [name, value] of Object.entries(accentOf(accent, dark && has_dark) ?? {})) host.style.setProperty(`--w-${name}`, value)
  }
  adopt(root, css)
  night.addEventListener('change', paint)
  await paint()
  return { host, root }
}

function adopt(root: ShadowRoot, text: string): void {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(text)
  root.adoptedStyleSheets.push(sheet)
}
