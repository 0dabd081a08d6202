/** Places in braces of a phrase and what stands there for one buyer. Names in Chinese and English mean the same. */

export interface Values {
  buyer: string
  agent: string
  shop: string
  order: string
  item: string
  amount: string
  courier: string
  waybill: string
  opens: string
}

export interface Part {
  text: string
  /** Filled from the buyer or the order. */
  filled?: boolean
  /** Nothing is known: somebody has to write it. */
  missing?: boolean
}

const NAMES: Record<string, keyof Values> = {
  buyer: 'buyer', 买家: 'buyer', agent: 'agent', 客服: 'agent', shop: 'shop', 店铺: 'shop',
  'order.number': 'order', order: 'order', 订单号: 'order', item: 'item', 商品: 'item', amount: 'amount', 金额: 'amount',
  courier: 'courier', 快递: 'courier', waybill: 'waybill', 运单号: 'waybill', opens: 'opens', 开门时间: 'opens',
}

/** Every place by its English and its Chinese name, in the order in which they are offered. */
export const PLACES: readonly { en: string; zh: string }[] = [
  { en: 'buyer', zh: '买家' }, { en: 'agent', zh: '客服' }, { en: 'shop', zh: '店铺' }, { en: 'order.number', zh: '订单号' },
  { en: 'item', zh: '商品' }, { en: 'amount', zh: '金额' }, { en: 'courier', zh: '快递' }, { en: 'waybill', zh: '运单号' },
  { en: 'opens', zh: '开门时间' },
]
const PLACE = /\{([^{}\n]+)\}/g

export function partsOf(text: string, values: Partial<Values>): Part[] {
  const parts: Part[] = []
  let at = 0
  for (const found of text.matchAll(PLACE)) {
    if (found.index > at) parts.push({ text: text.slice(at, found.index) })
    const name = NAMES[(found[1] ?? '').trim()]
    const value = name && values[name]?.trim()
    parts.push(value ? { text: value, filled: true } : { text: found[0], missing: true })
    at = found.index + found[0].length
  }
  if (at < text.length) parts.push({ text: text.slice(at) })
  return parts
}

export function filled(text: string, values: Partial<Values>): string {
  return partsOf(text, values).map((part) => part.text).join('')
}

/** The next place that is still open behind `from`, going round. */
export function nextPlace(text: string, from: number): readonly [number, number] | undefined {
  const places = [...text.matchAll(PLACE)].map((found) => [found.index, found.index + found[0].length] as const)
  return places.find(([at]) => at >= from) ?? places[0]
}
