import { describe, expect, it } from 'vitest'
import { deskDialect } from './desk_poll.ts'
import type { Call } from './http.ts'

const me = { id: 'acc_me', name: '小满', state: 'available', roles: [] }
const note = { lane: 'staff', seq: 1, at: 2, kind: 'message', by: { side: 'agent' }, text: '备注' }
const line = { lane: 'buyer', seq: 8, at: 1, kind: 'message', by: { side: 'buyer' }, text: '在吗' }
const news = { now: 5, me, rows: [], etag: 'e1', watched: { entries: [line, note], last_seq: 8, staff_seq: 1, marks: { buyer: 0, staff: 0 } } }

function desk(answer: (path: string) => unknown = () => news) {
  const asked: string[] = []
  const call = ((_method: string, path: string) => {
    asked.push(path)
    return Promise.resolve(answer(path))
  }) as Call
  const held = () => ({ after: 7, staff_after: 0 })
  return { asked, call, dialect: deskDialect({ base: '', shop: 'demo', authorisation: () => '', held }) }
}

describe('the desk over HTTP', () => {
  it('can be asked for its authorisation on its own', () => {
    const { authorisation } = desk().dialect
    expect(authorisation()).toBe('')
  })

  it('makes its welcome from the lists', async () => {
    const { dialect, call, asked } = desk()
    const welcome = await dialect.hello(call, { t: 'hello', v: 1, lang: 'en' })
    expect(welcome).toMatchObject({ t: 'welcome', me, rows: [] })
    expect(asked).toEqual(['/shops/demo/updates?wait=0'])
  })

  it('asks for the watched conversation from what is held, and parts its lanes', async () => {
    const { dialect, call, asked } = desk()
    await dialect.say(call, { t: 'watch', conversation: 'cnv_1', after: 7, staff_after: 0 })
    const frames = await dialect.updates(call, 25)
    expect(asked).toEqual(['/shops/demo/updates?wait=25&watch=cnv_1&after=7&staff_after=0'])
    expect(frames.filter((frame) => frame.t === 'entries')).toMatchObject([
      { lane: 'buyer', entries: [{ seq: 8 }], last_seq: 8 },
      { lane: 'staff', entries: [{ seq: 1 }], last_seq: 1 },
    ])
  })

  it('waits with the tag of the last answer', async () => {
    const { dialect, call, asked } = desk()
    await dialect.updates(call, 25)
    await dialect.updates(call, 25)
    expect(asked[1]).toBe('/shops/demo/updates?wait=25&etag=e1')
  })

  it('stops waiting when another conversation is looked at', async () => {
    const { dialect, call } = desk(() => new Promise(() => undefined))
    const waiting = dialect.updates(call, 25)
    await dialect.say(call, { t: 'watch', conversation: 'cnv_2', after: 0, staff_after: 0 })
    expect(await waiting).toEqual([])
  })

  it('answers what was said with its acknowledgement', async () => {
    const { dialect, call, asked } = desk(() => ({ seq: 9, at: 3 }))
    const frames = await dialect.say(call, { t: 'send', id: 'id-000001', conversation: 'cnv_1', lane: 'staff', text: '好' })
    expect(frames).toEqual([{ t: 'ack', id: 'id-000001', seq: 9, at: 3 }])
    expect(asked).toEqual(['/shops/demo/conversations/cnv_1/entries'])
  })
})
