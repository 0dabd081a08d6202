// @vitest-environment happy-dom
import more from '@xiaoer/i18n/widget_more/zh-CN.ts'
import moreEnglish from '@xiaoer/i18n/widget_more/en.ts'
import type { Reception } from '@xiaoer/realtime/shapes.ts'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { h, set } from '../src/dom.ts'
import type { Kit } from '../src/kit.ts'
import type { Offer, Tools } from '../src/tools.ts'
import { newWaiting } from '../src/waiting.ts'
import { loadWords } from '../src/words.ts'

const MINUTE_US = 60_000_000
const OFFER = { leave_after_minutes: 3 } as Offer

let element: HTMLElement
let session: { reception: Reception; lines: { entry: object }[]; clock: { now(): number } }
let now = 0
const leave = vi.fn()

async function waiting(lang: 'zh-CN' | 'en' = 'zh-CN'): Promise<() => void> {
  const words = await loadWords(lang)
  words.add(lang === 'en' ? moreEnglish : more)
  const kit = { element, words, h, set, session } as unknown as Kit
  return newWaiting({ kit } as Tools, () => OFFER, leave)
}

const [title, text, long, notice] = ['.queue b', '.queue p', '.long', '.notice'].map((path) => () => element.querySelector<HTMLElement>(path)!) as [() => HTMLElement, () => HTMLElement, () => HTMLElement, () => HTMLElement]

beforeEach(() => {
  now = 0
  leave.mockReset()
  element = h('section', {}, h('header'), h('div.queue', {}, h('b', {}, '正在为您找客服'), h('p', {}, '先写下来')))
  session = {
    reception: { state: 'queued', on_duty: true, agent: null },
    lines: [{ entry: { at: 0, by: { side: 'buyer' } } }],
    clock: { now: () => now },
  }
})

describe('a queued buyer', () => {
  it('is told place and wait as they change, and nothing that is not known', async () => {
    const draw = await waiting()
    draw()
    expect([title().textContent, text().textContent]).toEqual(['正在为您找客服', '先写下来'])
    session.reception = { ...session.reception, position: 12, wait_s: 270 }
    draw()
    expect([title().textContent, text().textContent]).toEqual(['您排在第 12 位', '预计还要 5 分钟'])
    session.reception = { ...session.reception, position: 1, wait_s: 40 }
    now = 2 * MINUTE_US
    draw()
    expect([title().textContent, text().textContent]).toEqual(['下一位就是您', '预计还要 40 秒，已等 2 分钟'])
  })

  it('is offered to leave a message after the time the shop says, and not again when it did', async () => {
    const draw = await waiting()
    now = 3 * MINUTE_US - 1
    draw()
    expect(long().hidden).toBe(true)
    now = 3 * MINUTE_US
    draw()
    expect(long().hidden).toBe(false)
    long().querySelector('button')!.click()
    expect(leave).toHaveBeenCalledOnce()
    session.lines.push({ entry: { at: now, by: { side: 'buyer' } } }, { entry: { at: now, code: 'message_left', by: { side: 'system' } } })
    draw()
    expect(long().hidden).toBe(true)
  })
})

it('what the shop says for a time stands above the talk in the own language, and goes', async () => {
  session.reception.notice = { zh: '大促回复稍慢', en: 'Slower during the sale' }
  const draw = await waiting('en')
  draw()
  expect([notice().hidden, notice().textContent]).toEqual([false, 'Slower during the sale'])
  delete session.reception.notice
  draw()
  expect(notice().hidden).toBe(true)
})
