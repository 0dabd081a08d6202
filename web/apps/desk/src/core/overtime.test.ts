import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { useOvertime } from './overtime'

const call = (conversation: string, seconds: number) => ({ conversation, seconds, buyer: '林间有鹿', agent: '小满' })
const NOW = 1_000_000_000

describe('calls of overtime', () => {
  beforeEach(() => setActivePinia(createPinia()))

  it('show the longest wait first, each buyer once', () => {
    const overtime = useOvertime()
    overtime.receive(call('a', 180), NOW)
    overtime.receive(call('b', 400), NOW)
    overtime.receive(call('a', 190), NOW)
    expect(overtime.calls.map((one) => one.conversation)).toEqual(['b', 'a'])
    expect(overtime.first?.since).toBe(NOW - 400_000_000)
  })

  it('are over when they were looked at', () => {
    const overtime = useOvertime()
    overtime.receive(call('a', 180), NOW)
    overtime.seen('a')
    expect(overtime.first).toBeUndefined()
  })

  it('are not kept without end', () => {
    const overtime = useOvertime()
    for (let n = 0; n < 200; n++) overtime.receive(call(`c${n}`, 180 + n), NOW)
    expect(overtime.calls).toHaveLength(50)
    expect(overtime.first?.conversation).toBe('c199')
  })
})
