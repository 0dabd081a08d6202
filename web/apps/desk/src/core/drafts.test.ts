import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { useDrafts, type DraftStore } from './drafts'

function memory(): DraftStore {
  const values = new Map<string, string>()
  return {
    read: (key) => values.get(key) ?? null,
    write: (key, value) => void (value === null ? values.delete(key) : values.set(key, value)),
    keys: () => [...values.keys()],
  }
}

describe('drafts', () => {
  beforeEach(() => setActivePinia(createPinia()))

  it('stay with their conversation and lane over a reload', () => {
    const store = memory()
    const before = useDrafts()
    before.open(store, 'demo', 'acc_me')
    before.write('cnv_1', 'buyer', '写到一半')
    before.write('cnv_1', 'staff', '备注')
    setActivePinia(createPinia())
    const after = useDrafts()
    after.open(store, 'demo', 'acc_me')
    expect(after.read('cnv_1', 'buyer')).toBe('写到一半')
    expect(after.read('cnv_1', 'staff')).toBe('备注')
    expect(after.read('cnv_2', 'buyer')).toBe('')
  })

  it('are not shown to another person on the same device', () => {
    const store = memory()
    useDrafts().open(store, 'demo', 'acc_me')
    useDrafts().write('cnv_1', 'buyer', '我的')
    setActivePinia(createPinia())
    useDrafts().open(store, 'demo', 'acc_other')
    expect(useDrafts().read('cnv_1', 'buyer')).toBe('')
  })

  it('leave nothing behind once sent', () => {
    const store = memory()
    useDrafts().open(store, 'demo', 'acc_me')
    useDrafts().write('cnv_1', 'buyer', '好')
    useDrafts().write('cnv_1', 'buyer', '')
    expect(store.keys()).toEqual([])
  })
})
