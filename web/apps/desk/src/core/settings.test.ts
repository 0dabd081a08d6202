import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { readChoices } from './choices'
import { useSettings, type ChoiceKeeper } from './settings'

const DEVICE = { dark: true, languages: ['en-GB'] }

function memory(kept: Record<string, string> = {}) {
  return { kept, read: (name: string) => kept[name] ?? null, write: (name: string, text: string) => void (kept[name] = text), remove: (name: string) => void delete kept[name] }
}

function account(document: Record<string, unknown>, version = 1) {
  const told: Record<string, unknown>[] = []
  const keeper: ChoiceKeeper = { read: async () => ({ version, document }), write: async (set) => void told.push(set) }
  return { told, keeper }
}

describe('choices', () => {
  beforeEach(() => {
    setActivePinia(createPinia())
    vi.useFakeTimers()
  })

  it('begin as the device prefers', () => {
    const settings = useSettings()
    settings.load(memory(), DEVICE)
    expect([settings.theme, settings.locale]).toEqual(['dark', 'en'])
  })

  it('that nobody understands fall back one by one', () => {
    const read = readChoices({ theme: 'pink', speech_px: 16, sounds: { volume: 900, reply: false }, keys: { next: 7, longest: 'Alt+KeyL' } }, ['zh-TW'])
    expect(read).toMatchObject({ theme: 'system', locale: 'zh-CN', speech_px: 16, keys: { longest: 'Alt+KeyL' } })
    expect(read.sounds).toEqual({ on: true, volume: 100, conversation: true, reply: false, alarm: true })
  })

  it('of the account win over those of the device, and only changes are told', async () => {
    const store = memory()
    const settings = useSettings()
    settings.load(store, DEVICE)
    const { told, keeper } = account({ theme: 'light', rows: 'compact' })
    await settings.keepWith(keeper)
    expect([settings.theme, settings.choices.rows, settings.rowHeight_px]).toEqual(['light', 'compact', 40])
    settings.choices.sounds.volume = 20
    await nextTick()
    await vi.advanceTimersByTimeAsync(500)
    expect(told).toEqual([{ sounds: { on: true, volume: 20, conversation: true, reply: true, alarm: true } }])
    expect(JSON.parse(Object.values(store.kept)[0]!)).toMatchObject({ theme: 'light', rows: 'compact' })
  })

  it('stay on the device when the account cannot be reached', async () => {
    const settings = useSettings()
    settings.load(memory(), DEVICE)
    await settings.keepWith({ read: () => Promise.reject(new Error('offline')), write: () => Promise.reject(new Error('offline')) })
    settings.toggleTheme()
    expect(settings.theme).toBe('light')
  })
})
