/* Messages that are more than text: pictures, files, products, orders, an address to confirm. Built from parts, never from markup;
   an address that is no http address is not followed. */

import type { Content, Entry } from '@xiaoer/realtime/shapes.ts'
import type { Tools } from './tools.ts'

type Of<T extends Content['t']> = Extract<Content, { t: T }>

export function newCards(tools: Tools): (entry: Entry) => Node {
  const { kit, glyph, call } = tools
  const { h, words, session, options } = kit
  const { t, lang } = words
  const whole = (url: string) => (/^(https?|blob):/.test(url) ? url : options.base + url)
  const safe = (url: string | null | undefined) => (url && /^(https?:\/\/|\/)/.test(url) ? whole(url) : '')

  function card(entry: Entry): Node {
    const content = entry.content!
    const box = document.createDocumentFragment()
    box.append(bodyOf(content, entry))
    if (entry.text) box.append(h('div.cap', {}, entry.text))
    return box
  }

  function bodyOf(content: Content, entry: Entry): Node {
    if (content.t === 'image') return image(content, entry.seq)
    if (content.t === 'file') return file(content)
    if (content.t === 'product') return product(content)
    if (content.t === 'order') return order(content)
    if (content.t === 'address') return address(content, entry)
    if (content.t === 'answer') return h('div.cap', {}, t(`answered_${content.value}`))
    return h('div.cap', {}, content.t === 'nudge' ? t('nudged') : (entry.text ?? '…'))
  }

  function image(content: Of<'image'>, seq: number): Node {
    const { name, width, height } = content
    let { url } = content
    let renewed = false
    const scale = Math.min(1, 220 / (width || 220), 240 / (height || 240))
    const picture = h<HTMLImageElement>('img', { alt: name || t('image'), decoding: 'async' })
    if (width && height) {
      picture.width = Math.round(width * scale)
      picture.height = Math.round(height * scale)
    }
    if (content.url) picture.src = whole(content.thumb || content.url)
    const open = () => void import('./viewer.ts').then((part) => part.openViewer(tools, whole(url), name))
    const button = h('button.pic', { type: 'button', 'aria-label': t('image_open', { name }), onclick: open }, picture)
    /* addresses of pictures expire: the entry, read again, has a new one */
    const renew = async () => {
      if (renewed || !seq) return picture.replaceWith(h('span.cap', {}, t('image_failed')))
      renewed = true
      const news = await call<{ entries: Entry[] }>('GET', `/updates?after=${seq - 1}&wait=0`).catch(() => null)
      const fresh = news?.entries.find((entry) => entry.seq === seq)?.content
      if (fresh?.t === 'image') url = fresh.url
      picture.src = whole(fresh?.t === 'image' ? fresh.thumb || url : url)
    }
    picture.addEventListener('error', () => void renew())
    return button
  }

  function file({ name, bytes, url }: Of<'file'>): Node {
    const size = sizeOf(bytes)
    const link = h('a.file', { href: safe(url) || false, download: name, rel: 'noopener', 'aria-label': t('file_open', { name, size }) })
    link.append(glyph('file'), h('span', {}, h('b', {}, name), h('small', {}, size)))
    return link
  }

  function product({ title, price, currency, image: picture, link }: Of<'product'>): Node {
    const shown = picture && h('img', { src: safe(picture), alt: '', loading: 'lazy' })
    const inner = [shown, h('span', {}, h('b', {}, title), price !== null && h('strong', {}, money(price, currency)))]
    const href = safe(link)
    return href ? h('a.prod', { href, target: '_blank', rel: 'noopener', 'aria-label': `${t('product_open')} ${title}` }, ...inner) : h('div.prod', {}, ...inner)
  }

  function order({ number, state, total, currency, items, more }: Of<'order'>): Node {
    const rows = items.map(({ title, count }) => h('div', {}, h('span', {}, title), h('span', {}, `× ${count}`)))
    if (more) rows.push(h('div', {}, h('span', {}, t('order_more', { n: more }))))
    return h('div', {},
      h('div.head', {}, h('span', {}, t('order', { number })), h('b.tag', {}, t(`order_state_${state}` as 'order') || state)),
      h('div.list', {}, ...rows, h('div.sum', {}, h('span', {}, t('order_total')), h('span', {}, money(total, currency)))))
  }

  /** One tap answers; answered once, the buttons are gone. */
  function address({ name, phone, address: where }: Of<'address'>, { seq }: Entry): Node {
    const rows = ([['address_name', name], ['address_phone', phone], ['address_where', where]] as const).map(([key, value]) =>
      h('div', {}, h('dt', {}, t(key)), h('dd', {}, value)))
    const head = h('div.head', {}, h('b', {}, t('address_title')))
    head.prepend(glyph('place'))
    const box = h('div', {}, head, h('dl.list', {}, ...rows))
    const is_answered = session.lines.some(({ entry }) => entry.content?.t === 'answer' && entry.content.ref === seq)
    if (is_answered || !seq) return box
    const answer = (value: 'confirmed' | 'change') => () => {
      const content = { t: 'answer', ref: seq, value } as const
      if (!session.send('', content, content)) return
      two.remove()
      kit.toEnd()
      if (value === 'change') kit.focus()
    }
    const two = h('div.two', {},
      h('button.fill', { type: 'button', onclick: answer('confirmed') }, t('address_right')),
      h('button.plain', { type: 'button', onclick: answer('change') }, t('address_change')))
    box.append(two)
    return box
  }

  function money(minor: number, currency: string | null): string {
    return moneyOf(lang, minor, currency)
  }

  return card
}

/** Minor units as people write them. */
export function moneyOf(lang: string, minor: number, currency: string | null | undefined): string {
  try {
    const format = new Intl.NumberFormat(lang, { style: 'currency', currency: currency || 'CNY', currencyDisplay: 'narrowSymbol', trailingZeroDisplay: 'stripIfInteger' } as Intl.NumberFormatOptions)
    return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2))
  } catch {
    return String(minor / 100)
  }
}

export function sizeOf(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`
}
