/** Builders for tests: a row and an entry with everything ordinary, and what the test is about on top. */
import type { Entry, Row } from '@xiaoer/realtime'

export function makeRow(conversation: string, over: Partial<Row> = {}): Row {
  return {
    conversation,
    buyer: { id: `byr_${conversation}`, name: '林间有鹿', ref: '17850', identified: true },
    last: { seq: 1, at: 1_000_000, side: 'buyer', kind: 'message', preview: '在吗' },
    unread: 0,
    waiting_since: null,
    session: {
      id: `ses_${conversation}`,
      state: 'active',
      agent: { id: 'acc_me', name: '小满' },
      opened_at: 0,
      why: null,
    },
    marks: { buyer: 0, staff: 0 },
    last_seq: 1,
    staff_seq: 0,
    ...over,
  }
}

export function makeEntry(seq: number, over: Partial<Entry> = {}): Entry {
  return {
    lane: 'buyer',
    seq,
    at: seq * 1_000_000,
    kind: 'message',
    message: 'human',
    by: { side: 'buyer' },
    text: `第 ${seq} 句`,
    ...over,
  } as Entry
}

export const byMe = { side: 'agent', id: 'acc_me', name: '小满' } as const
export const byColleague = { side: 'agent', id: 'acc_gy', name: '谷雨' } as const
