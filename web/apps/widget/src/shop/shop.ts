/* The demonstration shop: shelves, a page for each thing, words in both languages, and the box that lets one continue as a customer. */

import { fill } from '@xiaoer/i18n'
import chinese, { type ShopKey, type ShopMessages } from '@xiaoer/i18n/shop/zh-CN.ts'
import { langOf } from '../options.ts'
import type {} from '../widget.ts'

interface Good {
  sku: string
  title: string
  price: number
  image: string
  link: string
  category: number
  shelf: string
  made_of: string
  colour: string
  sizes: string[]
  knitted: boolean
}

const ALSO = 4
const lang = langOf()
const messages: ShopMessages = lang === 'en' ? (await import('@xiaoer/i18n/shop/en.ts')).default : chinese
const t = (key: string, params = {}) => fill(messages[key as ShopKey], params)
const $ = <T extends HTMLElement>(id: string) => document.getElementById(id) as T

document.documentElement.lang = lang
for (const element of document.querySelectorAll<HTMLElement>('[data-t]')) element.textContent = t(element.dataset.t!)
const other = lang === 'en' ? 'zh-CN' : 'en'
$('language').lang = other
$('phone').setAttribute('href', `/chat/demo?lang=${lang}&accent=3f5a48`)

const goods = await shelves()
/** What the page shows, for a widget that comes late. */
let told: Good | undefined
document.addEventListener('click', follow)
// The window's script may come later than the page.
addEventListener('xiaoer:ready', () => tell(told))
window.addEventListener('popstate', show)
show()

async function shelves(): Promise<Good[]> {
  try {
    const answer = await fetch(`/demo/goods?lang=${lang}`)
    return answer.ok ? ((await answer.json()) as { goods: Good[] }).goods : []
  } catch {
    return []
  }
}

/** Pages of the shop change in place, so that the window in the corner stays open. */
function follow(event: MouseEvent): void {
  const link = (event.target as Element).closest<HTMLAnchorElement>('a[data-go]')
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
  event.preventDefault()
  history.pushState(null, '', link.href)
  show()
  scrollTo(0, 0)
}

function show(): void {
  const asked = new URLSearchParams(location.search)
  const good = goods.find(({ sku }) => sku === asked.get('sku'))
  const shelf = asked.get('shelf')
  $('lead').hidden = Boolean(good)
  $('lead').style.display = good ? 'none' : ''
  $('language').setAttribute('href', address({ sku: good?.sku, shelf: shelf ?? undefined, lang: other }))
  document.title = good ? `${good.title} · ${t('shop')}` : t('title')
  $('shelves').replaceChildren(...shelfLinks(good ? String(good.category) : shelf))
  $('shown').replaceChildren(...(good ? onePage(good) : grid(shelf)))
  told = good
  tell(good)
}

/** What a shop's own page says of itself. */
function tell(good: Good | undefined): void {
  if (!good) return window.xiaoer?.viewing(null)
  const { sku, title, price, image } = good
  window.xiaoer?.viewing({ sku, title, price, currency: 'CNY', image, link: new URL(good.link, location.href).href })
}

function address(parts: Record<string, string | undefined>): string {
  const wanted = new URLSearchParams(location.search).get('lang')
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...(wanted && { lang: wanted }), ...parts })) if (value !== undefined) query.set(name, value)
  return `/shop${query.size ? `?${query}` : ''}`
}

function shelfLinks(current: string | null): HTMLElement[] {
  const names = new Map(goods.map(({ category, shelf }) => [String(category), shelf]))
  const one = (name: string, shelf?: string) => {
    const link = make('a', { href: address({ shelf }), 'data-go': '' }, name)
    if ((shelf ?? null) === current) link.setAttribute('aria-current', 'page')
    return link
  }
  return [one(t('all')), ...[...names].sort().map(([shelf, name]) => one(name, shelf))]
}

function grid(shelf: string | null): HTMLElement[] {
  const shown = goods.filter(({ category }) => shelf === null || String(category) === shelf)
  if (!shown.length) return [make('p', { class: 'state' }, t('empty'))]
  const name = shelf === null ? t('all') : shown[0]!.shelf
  const head = make('div', { class: 'head' }, make('h2', {}, name), make('span', {}, t('count', { n: shown.length })))
  return [head, cards(shown)]
}

function cards(shown: Good[]): HTMLElement {
  return make('ul', { class: 'goods' }, ...shown.map((good) => make('li', {}, card(good))))
}

function card(good: Good): HTMLElement {
  return make(
    'a',
    { href: address({ sku: good.sku }), 'data-go': '' },
    picture(good),
    make('b', {}, good.title),
    make('span', {}, money(good.price)),
  )
}

function onePage(good: Good): HTMLElement[] {
  const back = make('a', { class: 'back', href: address({}), 'data-go': '' }, t('back'))
  const hero = make('div', { class: 'hero' }, picture(good))
  const text = `${good.made_of}${lang === 'en' ? '. ' : '。'}${t(good.knitted ? 'text_knit' : 'text_care')}`
  const buy = make('button', { type: 'button', class: 'buy', id: 'buy' }, t('add'))
  buy.addEventListener('click', () => {
    buy.textContent = t('added')
    window.xiaoer?.open()
  })
  const facts = make(
    'div',
    { class: 'facts' },
    make('p', { class: 'kind' }, good.shelf),
    make('h1', {}, good.title),
    make('p', { class: 'price' }, money(good.price)),
    ...colours(good),
    ...sizes(good),
    buy,
    make('p', { class: 'text' }, text),
  )
  const near = goods.filter((one) => one.category === good.category && styleOf(one) !== styleOf(good))
  const from = Math.max(0, near.findIndex(({ sku }) => sku < good.sku))
  const also = make('section', { class: 'also' }, make('h2', {}, t('also')), cards([...near.slice(from), ...near].slice(0, ALSO)))
  return [back, make('article', { class: 'one', 'data-xiaoer-sku': good.sku }, hero, facts), also]
}

function colours(good: Good): HTMLElement[] {
  if (!good.colour) return []
  const same = goods.filter((one) => styleOf(one) === styleOf(good))
  const swatches = same.map((one) => {
    const link = make('a', { href: address({ sku: one.sku }), 'data-go': '', 'aria-label': one.title }, picture(one))
    if (one === good) link.setAttribute('aria-current', 'true')
    return link
  })
  const label = make('p', {}, `${t('colour')}${lang === 'en' ? ': ' : '：'}${good.colour}`)
  return same.length > 1 ? [label, make('div', { class: 'swatches' }, ...swatches)] : [label]
}

function sizes(good: Good): HTMLElement[] {
  if (!good.sizes.length) return []
  const group = make('div', { class: 'sizes', role: 'radiogroup', 'aria-label': t('size') })
  for (const [at, size] of good.sizes.entries()) {
    group.append(make('button', { type: 'button', role: 'radio', 'aria-checked': String(at === 1) }, size))
  }
  group.addEventListener('click', (event) => {
    const chosen = (event.target as Element).closest('button')
    for (const button of group.querySelectorAll('button')) if (chosen) button.setAttribute('aria-checked', String(button === chosen))
  })
  return [make('p', { class: 'label' }, t('size')), group]
}

/** The same thing in another colour has the same first words and pattern. */
function styleOf({ title, colour, price, category }: Good): string {
  return `${category} ${price} ${title.split(colour || '\n')[0]}`
}

function picture({ image, title }: Good): HTMLElement {
  return make('img', { src: image, alt: title, width: '120', height: '130', loading: 'lazy' })
}

function money(fen: number): string {
  return new Intl.NumberFormat(lang, { style: 'currency', currency: 'CNY', currencyDisplay: 'narrowSymbol', minimumFractionDigits: fen % 100 ? 2 : 0 }).format(fen / 100)
}

function make(tag: string, attributes: Record<string, string>, ...inside: (string | HTMLElement)[]): HTMLElement {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...inside)
  return element
}

$<HTMLFormElement>('who').addEventListener('submit', (event) => {
  event.preventDefault()
  const customer = $<HTMLInputElement>('customer').value.trim()
  if (customer) void continueAs(customer)
})
for (const button of document.querySelectorAll<HTMLElement>('[data-customer]')) {
  button.addEventListener('click', () => {
    $<HTMLInputElement>('customer').value = button.dataset.customer!
    void continueAs(button.dataset.customer!)
  })
}
$('leave').addEventListener('click', () => {
  window.xiaoer?.logout()
  $('leave').hidden = true
  $('outcome').textContent = t('left')
})

async function continueAs(customer: string): Promise<void> {
  const outcome = $('outcome')
  outcome.textContent = t('going')
  try {
    const answer = await fetch(`/demo/identity?customer=${encodeURIComponent(customer)}`)
    if (!answer.ok) {
      outcome.textContent = t('no_demo')
      return
    }
    const { identity } = (await answer.json()) as { identity: string }
    window.xiaoer?.identify(identity)
    window.xiaoer?.open()
    outcome.textContent = t('done', { customer })
    $('leave').hidden = false
  } catch {
    outcome.textContent = t('failed')
  }
}
