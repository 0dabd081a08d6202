// @vitest-environment happy-dom
import more from '@xiaoer/i18n/widget_more/zh-CN.ts'
import type { Entry, ViewedPage } from '@xiaoer/realtime/shapes.ts'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { smaller } from '../src/attach.ts'
import { moneyOf, newCards, sizeOf } from '../src/cards.ts'
import { h, set } from '../src/dom.ts'
import { glyph } from '../src/glyphs.ts'
import type { Kit } from '../src/kit.ts'
import { newLayers } from '../src/layers.ts'
import { newPrivacy } from '../src/privacy.ts'
import type { Tools } from '../src/tools.ts'
import { newViewed } from '../src/viewed.ts'
import { loadWords } from '../src/words.ts'

const OFFER = { now: 0, opens_at: null, due_at: 0, rating: true, viewing: true, privacy: { version: 3, zh: null, en: null } }

let element: HTMLElement
let viewed: ViewedPage | null | undefined
let stored: Map<string, string>
let session: { send: ReturnType<typeof vi.fn>; tell: ReturnType<typeof vi.fn>; lines: { entry: Partial<Entry> }[]; connection: { phase: string }; welcome: object }
let tools: Tools

beforeEach(async () => {
  vi.useFakeTimers()
  document.body.replaceChildren()
  const root = document.body.appendChild(h('div')).attachShadow({ mode: 'open' })
  element = root.appendChild(h('section.w.full', {}, h('button', {}, 'x')))
  stored = new Map()
  viewed = undefined
  session = { send: vi.fn(() => true), tell: vi.fn(() => true), lines: [], connection: { phase: 'ready' }, welcome: { conversation: 'cnv_1' } }
  const words = await loadWords('zh-CN')
  words.add(more)
  const kit = {
    element, words, h, set, session, options: { shop: 'demo', base: 'https://chat.example' }, is_page: false, viewed: () => viewed,
    store: { read: (key: string) => stored.get(key) ?? null, write: (key: string, value: string) => stored.set(key, value) },
    focus: vi.fn(), toEnd: vi.fn(), notice: vi.fn(),
  } as unknown as Kit
  tools = { kit, call: vi.fn(async () => OFFER) as never, layers: newLayers(kit), glyph, refusal: () => null, refresh: vi.fn() }
})

describe('a layer', () => {
  it('closes on a step back, and not the window with it', () => {
    const closed = vi.fn()
    tools.layers.open(h('div', {}, h('button')), closed)
    expect(element.querySelector('button')!.hasAttribute('inert')).toBe(true)
    expect(tools.layers.back(true)).toBe(true)
    expect(closed).toHaveBeenCalledOnce()
    expect(element.querySelector('button')!.hasAttribute('inert')).toBe(false)
    expect(tools.layers.back(true)).toBe(false)
  })

  it('takes its own step out of the history when it is closed by hand', () => {
    const back = vi.spyOn(history, 'back').mockImplementation(() => undefined)
    const close = tools.layers.open(h('div'))
    close()
    expect(back).toHaveBeenCalledOnce()
    expect(tools.layers.back(true), 'the step that we asked for').toBe(true)
    expect(tools.layers.back(true)).toBe(false)
  })
})

describe('the page being looked at', () => {
  async function look(answer?: number) {
    if (answer) stored.set('xiaoer.consent.demo', String(answer))
    const privacy = newPrivacy(tools)
    await privacy.load()
    const view = newViewed(tools, privacy)
    view.refresh()
    vi.runAllTimers()
    return { privacy, view }
  }

  it('is told to nobody before a yes, after a no, and after a yes to another notice', async () => {
    viewed = { sku: '1', title: '开衫' }
    for (const answer of [undefined, -3, 2]) {
      await look(answer)
      expect(session.tell).not.toHaveBeenCalled()
    }
  })

  it('is told once, and again when it is another one', async () => {
    viewed = { sku: '1', title: '开衫' }
    const { view } = await look(3)
    view.refresh()
    vi.runAllTimers()
    viewed = { sku: '2', title: '围巾' }
    view.refresh()
    vi.runAllTimers()
    expect(session.tell.mock.calls.map(([frame]) => (frame as { page: ViewedPage }).page.title)).toEqual(['开衫', '围巾'])
  })

  it('can be sent with one tap, and then is not offered again', async () => {
    viewed = { sku: '1', title: '开衫', price: 32_900, currency: 'CNY' }
    const { view } = await look(-3)
    expect(view.element.hidden).toBe(false)
    expect(view.element.textContent).toContain('¥329')
    view.element.querySelector('button')!.click()
    expect(session.send).toHaveBeenCalledWith('', { t: 'product', sku: '1' }, expect.objectContaining({ title: '开衫' }))
    expect(view.element.hidden).toBe(true)
  })
})

describe('the privacy notice', () => {
  it('is shown until it is answered, and again when it changed', async () => {
    const privacy = newPrivacy(tools)
    await privacy.load()
    expect(privacy.element.hidden).toBe(false)
    privacy.element.querySelector('button')!.click()
    expect([privacy.element.hidden, stored.get('xiaoer.consent.demo'), privacy.agreed()]).toEqual([true, '3', true])
    stored.set('xiaoer.consent.demo', '-2')
    const again = newPrivacy(tools)
    await again.load()
    expect(again.element.hidden).toBe(false)
  })
})

describe('a card', () => {
  const card = (content: Entry['content'], seq = 7) => h('div', {}, newCards(tools)({ seq, content } as Entry))

  it('asks to confirm an address and answers with one tap', () => {
    const address = { t: 'address', number: '1', name: '林女士', phone: '138****5620', address: '青藤街 12 号' } as const
    const shown = card(address)
    expect(shown.textContent).toContain('138****5620')
    shown.querySelector('button')!.click()
    expect(session.send).toHaveBeenCalledWith('', { t: 'answer', ref: 7, value: 'confirmed' }, expect.anything())
    expect(shown.querySelector('button')).toBeNull()
    session.lines = [{ entry: { content: { t: 'answer', ref: 7, value: 'confirmed' } } }]
    expect(card(address).querySelector('button')).toBeNull()
  })

  it('follows no address but http', () => {
    const product = { t: 'product', sku: '1', title: '开衫', price: null, currency: null, image: 'javascript:1', link: 'javascript:alert(1)' } as const
    const shown = card(product)
    expect(shown.querySelector('a')).toBeNull()
    expect(shown.querySelector('img')!.getAttribute('src')).toBeFalsy()
    const file = card({ t: 'file', id: 'att_1', name: 'a.pdf', bytes: 2048, mime: 'application/pdf', url: '/files/demo/att_1?s=x' })
    expect(file.querySelector('a')!.getAttribute('href')).toBe('https://chat.example/files/demo/att_1?s=x')
  })

  it('shows what it does not know as what it says', () => {
    expect(card({ t: 'coupon' } as never).textContent).toBe('…')
  })
})

it('sums and sizes read as people write them', () => {
  expect([moneyOf('zh-CN', 32_900, 'CNY'), moneyOf('zh-CN', 32_950, 'CNY'), moneyOf('en', 1_000, 'JPY')]).toEqual(['¥329', '¥329.50', '¥1,000'])
  expect([sizeOf(1), sizeOf(90_000), sizeOf(5_500_000)]).toEqual(['1 KB', '88 KB', '5.2 MB'])
})

it('a small picture and one that moves stay as they are', async () => {
  const picture = { width: 800, height: 600 } as never
  const small = new Blob(['x'], { type: 'image/jpeg' })
  expect(await smaller(small, picture)).toBe(small)
  const moving = new Blob(['x'], { type: 'image/gif' })
  expect(await smaller(moving, { width: 9000, height: 9000 } as never)).toBe(moving)
})
