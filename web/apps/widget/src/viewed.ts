/* The page being looked at: told to the desk after the buyer agreed, the latest only; and a product can be sent with one tap. */

import type { ViewedPage } from '@xiaoer/realtime/shapes.ts'
import { moneyOf } from './cards.ts'
import type { Privacy } from './privacy.ts'
import type { Tools } from './tools.ts'

/** Pages told at most this often; the server drops what is faster. */
const EVERY_MS = 1_500

export function newViewed({ kit }: Tools, privacy: Privacy): { element: HTMLElement; refresh(): void } {
  const { h, words, session, is_page } = kit
  const { t } = words
  const element = h('div.strip', { hidden: true, role: 'region', 'aria-label': t('viewed') })
  let told = ''
  let shown = ''
  let sent_sku = ''
  let timer = 0

  function refresh(): void {
    draw()
    timer ||= window.setTimeout(() => ((timer = 0), tell()), told ? EVERY_MS : 0)
  }

  /** What the shop's page says; else where the buyer is, without what stands behind the question mark. */
  function page(): ViewedPage | null {
    const said = kit.viewed()
    if (said !== undefined || is_page) return said ?? null
    const title = document.title.trim()
    return title ? { title, link: location.origin + location.pathname } : null
  }

  function tell(): void {
    if (!privacy.offer?.viewing || !privacy.agreed() || session.connection.phase !== 'ready') return
    const now = page()
    const text = `${session.welcome?.conversation} ${JSON.stringify(now)}`
    if (text === told || (!now && !told)) return
    if (session.tell({ t: 'viewing', page: now })) told = text
  }

  function draw(): void {
    const product = kit.viewed()
    const offered = product?.sku && product.sku !== sent_sku ? product : null
    const text = JSON.stringify(offered)
    if (text === shown) return
    shown = text
    element.hidden = !offered
    if (!offered) return
    const { sku, title, price, currency, image, link } = offered
    const send = () => {
      const full = { t: 'product', sku: sku!, title, price: price ?? null, currency: currency ?? null, image: image ?? null, link: link ?? null } as const
      if (!session.send('', { t: 'product', sku: sku! }, full)) return
      sent_sku = sku!
      kit.toEnd()
      draw()
    }
    element.replaceChildren(
      ...(image ? [h('img', { src: image, alt: '' })] : []),
      h('div', {}, h('b', {}, title), h('small', {}, price === undefined ? t('viewed') : moneyOf(words.lang, price, currency))),
      h('button.plain', { type: 'button', onclick: send }, t('send_product')))
  }

  return { element, refresh }
}
