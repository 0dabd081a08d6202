/* One picture over the whole window; a tap shows it in its own size. */

import type { Tools } from './tools.ts'

export function openViewer({ kit, layers, glyph }: Tools, url: string, name: string): void {
  const { h, words } = kit
  const { t } = words
  const picture = h<HTMLImageElement>('img', { src: url, alt: name || t('image') })
  const main = h('main', { onclick: () => main.classList.toggle('big') }, picture)
  picture.addEventListener('error', () => main.replaceChildren(t('image_failed')))
  const close = h('button.tap', { type: 'button', 'aria-label': t('close'), 'data-first': true, onclick: () => end() })
  close.append(glyph('close'))
  const end = layers.open(h('div.over.look', { 'aria-label': name || t('image') }, h('header', {}, h('b', {}, name), close), main))
}
