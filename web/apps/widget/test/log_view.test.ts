// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Line } from '@xiaoer/realtime/lines.ts'
import type { Entry } from '@xiaoer/realtime/shapes.ts'
import { newLogView, type LogPorts, type LogView } from '../src/log_view.ts'
import more from '@xiaoer/i18n/widget_more/zh-CN.ts'
import { loadWords } from '../src/words.ts'

const NOON = new Date(2026, 10, 23, 12, 0).getTime() * 1000
const MINUTE = 60_000_000

let ports: LogPorts
let view: LogView
let log: HTMLElement

beforeEach(async () => {
  vi.stubGlobal('ResizeObserver', class { observe() {} })
  ports = {
    words: await loadWords('zh-CN'),
    now: () => NOON,
    retry: vi.fn(),
    discard: vi.fn(),
    actions: vi.fn(),
    body: () => undefined,
    atEnd: vi.fn(),
  }
  ports.words.add(more)
  view = newLogView(ports)
  log = view.element.querySelector('.log')!
  document.body.replaceChildren(view.element)
})

function line(seq: number, more: Partial<Line> = {}, entry: Partial<Entry> = {}): Line {
  const whole: Entry = { lane: 'buyer', seq, at: NOON, kind: 'message', message: 'human', by: { side: 'buyer' }, text: `第 ${seq} 句`, client_id: `id-${seq}`, ...entry }
  return { key: `k${seq}`, entry: whole, state: 'sent', error: null, recalling: false, ...more }
}

const draw = (...lines: Line[]) => view.draw(lines, true, true)
const texts = () => [...log.querySelectorAll('.say')].map((say) => say.textContent)
const notes = () => [...log.querySelectorAll('.sys')].map((row) => row.textContent)

describe('the log', () => {
  it('keeps the element of a line that settles', () => {
    draw(line(0, { key: 'a', state: 'waiting' }))
    const row = log.querySelector('.me')
    expect(log.querySelector('.st')!.textContent).toBe('等待发出')
    draw(line(1, { key: 'a', state: 'sent' }, { text: '第 0 句' }))
    expect(log.querySelector('.me')).toBe(row)
    expect(log.querySelector('.st')!.textContent).toBe('已送达')
    draw(line(1, { key: 'a', state: 'read' }, { text: '第 0 句' }))
    expect(log.querySelector('.st')!.textContent).toBe('已读')
  })

  it('shows text as text, whatever it contains', () => {
    draw(line(1, {}, { text: '<img src=x onerror=alert(1)><b>粗</b>' }))
    expect(log.querySelector('img, b')).toBeNull()
    expect(texts()).toEqual(['<img src=x onerror=alert(1)><b>粗</b>'])
  })

  it('makes addresses links, and only http ones', () => {
    draw(line(1, {}, { text: '看 https://a.example/x?y=1。或 javascript:alert(1)' }))
    const links = [...log.querySelectorAll('a')]
    expect(links.map((link) => link.getAttribute('href'))).toEqual(['https://a.example/x?y=1'])
    expect(links[0]!.rel).toContain('noopener')
  })

  it('offers to send a failed line again or to delete it', () => {
    draw(line(0, { state: 'failed', error: { code: 'too_long', message: '', params: { max: 2000 } } }))
    expect(log.querySelector('.st')!.textContent).toContain('没有发出：超过 2000 字')
    log.querySelectorAll<HTMLButtonElement>('.st button').forEach((button) => button.click())
    expect(ports.retry).toHaveBeenCalledWith('id-0')
    expect(ports.discard).toHaveBeenCalledWith('id-0')
  })

  it('says in a sentence what the system did, and nothing for what it does not know', () => {
    const by = { side: 'system' as const }
    draw(
      line(1, { state: 'received' }, { kind: 'transfer', by, code: 'assigned', params: { agent: '小满' } }),
      line(2, { state: 'received' }, { kind: 'close', by, code: 'closed_by_silence', params: { minutes: 30 } }),
      line(3, { state: 'received' }, { kind: 'notice', by, code: 'some_later_code', text: '' }),
      line(4, { state: 'received' }, { kind: 'fireworks' as 'notice', by, code: 'constructor', text: '' }),
    )
    expect(notes()).toEqual(['今天 12:00', '小满为您服务', '30 分钟没有新消息，本次服务先到这里，有事随时再写'])
  })

  it('shows an automatic text as something that was said', () => {
    draw(line(1, { state: 'received' }, { kind: 'notice', message: 'auto', by: { side: 'system' }, text: '今天 15:00 前付款今天发' }))
    expect(texts()).toEqual(['今天 15:00 前付款今天发'])
    expect(log.querySelector('.from')!.textContent).toBe('自动应答')
  })

  it('keeps its order when a line in the middle is replaced by its trace', () => {
    draw(line(1), line(2), line(3))
    draw(line(1), line(2, {}, { recalled: true }), line(3), line(4))
    expect([...log.children].map((row) => row.textContent)).toEqual([
      expect.stringContaining('今天'), expect.stringContaining('第 1 句'), '您撤回了一条消息', expect.stringContaining('第 3 句'), expect.stringContaining('第 4 句'),
    ])
  })

  it('shows that a line was taken back, by whom', () => {
    draw(line(1, {}, { recalled: true }), line(2, { state: 'received' }, { recalled: true, by: { side: 'agent', name: '小满' } }))
    expect(notes()).toEqual(['今天 12:00', '您撤回了一条消息', '对方撤回了一条消息'])
    expect(texts()).toEqual([])
  })

  it('writes the time after a pause, with the day when it is another one', () => {
    draw(line(1, {}, { at: NOON - 24 * 60 * MINUTE }), line(2, {}, { at: NOON - 20 * MINUTE }), line(3, {}, { at: NOON - 19 * MINUTE }))
    expect(notes()).toEqual(['昨天 12:00', '今天 11:40'])
  })

  it('draws the last two hundred lines and the earlier ones on demand', () => {
    draw(...Array.from({ length: 450 }, (_, i) => line(i + 1)))
    expect(texts()).toHaveLength(200)
    expect(texts()[0]).toBe('第 251 句')
    log.querySelector<HTMLButtonElement>('.more')!.click()
    expect(texts()).toHaveLength(400)
    log.querySelector<HTMLButtonElement>('.more')!.click()
    expect(texts()).toHaveLength(450)
    expect(log.querySelector('.more')).toBeNull()
  })

  it('does not move a reader who looks at older lines, and says how much is new', () => {
    Object.defineProperties(log, { scrollHeight: { value: 1000 }, clientHeight: { value: 300 } })
    draw(line(1))
    log.scrollTop = 100
    log.dispatchEvent(new Event('scroll'))
    draw(line(1), line(2, { state: 'received' }))
    view.arrived(1)
    expect(log.scrollTop).toBe(100)
    const pill = view.element.querySelector<HTMLButtonElement>('.pill')!
    expect(pill.hidden).toBe(false)
    expect(pill.textContent).toBe('1 条新消息')
    pill.click()
    expect(log.scrollTop).toBe(1000)
    expect(pill.hidden).toBe(true)
  })

  it('greets when nothing was said yet, and says so when nobody is there', () => {
    view.draw([], true, true)
    expect(texts()).toEqual(['您好，有什么想问的，直接写就行。'])
    view.draw([], true, false)
    expect(texts()[0]).toContain('现在没有客服在')
  })
})
