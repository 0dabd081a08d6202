import type { DeskWelcome } from '@xiaoer/realtime'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { useConversations } from './conversations'
import { makeRow } from './testing'

const welcome = (rows = [makeRow('a'), makeRow('b')]): DeskWelcome => ({
  t: 'welcome',
  v: 1,
  now: 1,
  me: { id: 'acc_me', name: '小满', state: 'available', roles: ['agent'] },
  shop: { key: 'demo', name: '' },
  rows,
  limits: { text_chars_max: 500 } as never,
})
const queued = (id: string) => makeRow(id, { session: { ...makeRow(id).session!, state: 'queued', agent: null } })

describe('the rows of the desk', () => {
  beforeEach(() => setActivePinia(createPinia()))

  it('come whole with the welcome, and limits keep their defaults where it is silent', () => {
    const desk = useConversations()
    desk.welcome(welcome())
    expect(desk.mine).toHaveLength(2)
    expect(desk.limits.text_chars_max).toBe(500)
    expect(desk.limits.recall_seconds_max).toBe(120)
  })

  it('move between lists when their session moves', () => {
    const desk = useConversations()
    desk.welcome(welcome([queued('q')]))
    expect(desk.queue).toHaveLength(1)
    desk.upsert(makeRow('q'))
    expect([desk.queue.length, desk.mine.length]).toEqual([0, 1])
  })

  it('go when a snapshot no longer has them', () => {
    const desk = useConversations()
    desk.welcome(welcome())
    expect(desk.snapshot([makeRow('b')], 2)).toEqual([])
    expect(desk.rows.has('a')).toBe(false)
  })

  it('stay while they are open or listed, and are named so that they can be asked for', () => {
    const desk = useConversations()
    desk.welcome(welcome())
    desk.openId = 'a'
    desk.addAll([makeRow('b')], null, true)
    expect(desk.snapshot([], 2)).toEqual(['a', 'b'])
    expect(desk.rows.has('a')).toBe(true)
  })

  it('find the longest waiting of mine before the queue', () => {
    const desk = useConversations()
    desk.welcome(welcome([makeRow('a', { waiting_since: 50 }), { ...queued('q'), waiting_since: 10 }]))
    expect(desk.longestWaiting).toBe('a')
  })

  it('list all once each, however often a page brings them', () => {
    const desk = useConversations()
    desk.addAll([makeRow('a'), makeRow('b')], 'next', true)
    desk.addAll([makeRow('b'), makeRow('c')], null, false)
    expect(desk.all.ids).toEqual(['a', 'b', 'c'])
  })

  it('take read marks without touching the rest', () => {
    const desk = useConversations()
    desk.welcome(welcome())
    desk.setMarks('a', { buyer: 7, staff: 8 })
    expect(desk.rows.get('a')).toEqual({ ...makeRow('a'), marks: { buyer: 7, staff: 8 } })
  })
})

describe('a burst of rows', () => {
  it('is shown with its first and its last picture, and a mark in between is not lost', () => {
    vi.useFakeTimers()
    setActivePinia(createPinia())
    const conversations = useConversations()
    conversations.receive(makeRow('a', { unread: 1 }))
    conversations.receive(makeRow('a', { unread: 2 }))
    conversations.receive(makeRow('b', { unread: 5 }))
    expect(conversations.rows.get('a')?.unread).toBe(1)
    conversations.setMarks('a', { buyer: 3, staff: 4 })
    expect(conversations.rows.get('a')).toMatchObject({ unread: 2, marks: { buyer: 3, staff: 4 } })
    vi.advanceTimersByTime(100)
    expect(conversations.rows.get('a')?.marks).toEqual({ buyer: 3, staff: 4 })
    expect(conversations.rows.get('b')?.unread).toBe(5)
    vi.useRealTimers()
  })
})
