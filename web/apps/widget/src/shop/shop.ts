/* The demonstration shop: words in both languages, a product to look at, and the box that lets one continue as an imported customer. */

import { fill } from '@xiaoer/i18n'
import chinese, { type ShopKey, type ShopMessages } from '@xiaoer/i18n/shop/zh-CN.ts'
import { langOf } from '../options.ts'
import type {} from '../widget.ts'

const lang = langOf()
const messages: ShopMessages = lang === 'en' ? (await import('@xiaoer/i18n/shop/en.ts')).default : chinese
const t = (key: string, params = {}) => fill(messages[key as ShopKey], params)
const $ = <T extends HTMLElement>(id: string) => document.getElementById(id) as T

document.documentElement.lang = lang
document.title = t('title')
for (const element of document.querySelectorAll<HTMLElement>('[data-t]')) element.textContent = t(element.dataset.t!)
for (const element of document.querySelectorAll<HTMLElement>('[data-label]')) {
  element.setAttribute('aria-label', t(element.dataset.label!))
}
const other = lang === 'en' ? 'zh-CN' : 'en'
$('language').setAttribute('href', `?lang=${other}`)
$('language').lang = other
$('phone').setAttribute('href', `/chat/demo?lang=${lang}&accent=3f5a48`)

for (const group of document.querySelectorAll('[role="radiogroup"]')) {
  group.addEventListener('click', (event) => {
    const chosen = (event.target as Element).closest<HTMLButtonElement>('button:not(:disabled)')
    if (!chosen) return
    for (const button of group.querySelectorAll('button')) button.setAttribute('aria-checked', String(button === chosen))
    const { colour } = chosen.dataset
    if (!colour) return
    $('hero').className = `hero ${colour}`
    $('colour').textContent = t(`colour_${colour}`)
    tellProduct(colour)
  })
}
$('buy').addEventListener('click', () => {
  $('buy').textContent = t('added')
  window.xiaoer?.open()
})

/* what a shop's own product page says of itself */
const SKUS: Record<string, string> = { oat: 'QH-111', rain: 'QH-112', brick: 'QH-113' }
function tellProduct(colour = 'oat'): void {
  const title = `${t('product')} ${t(`colour_${colour}`)}`
  window.xiaoer?.viewing({ sku: SKUS[colour]!, title, price: 36_800, currency: 'CNY', link: location.origin + location.pathname })
}
if (window.xiaoer) tellProduct()
else addEventListener('xiaoer:ready', () => tellProduct())

$<HTMLFormElement>('who').addEventListener('submit', (event) => {
  event.preventDefault()
  const customer = $<HTMLInputElement>('customer').value.trim()
  if (customer) void continueAs(customer)
})
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
