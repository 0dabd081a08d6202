/**
 * What a person has chosen, and what the shop sets for everybody. A copy on the device paints the first picture; the
 * server keeps the choices with the account, so that every desk of a person is the same.
 */
import { DEFAULT_WAIT_THRESHOLDS } from '@xiaoer/ui'
import { defineStore } from 'pinia'
import { computed, reactive, ref, watch } from 'vue'
import type { KeyStore } from '@xiaoer/realtime'
import { readChoices, sameChoice, type Choices, type Locale } from './choices'

export { LOCALES, type Choices, type Locale, type Theme } from './choices'

const COPY = 'xiaoer.desk.choices'
const SAVE_AFTER_MS = 400
/** A desk that comes to the front asks again, at most this often. */
const ASK_EVERY_MS = 10_000

/** Where choices are kept. */
export interface ChoiceKeeper {
  read(): Promise<{ version: number; document: Record<string, unknown> }>
  write(set: Record<string, unknown>): Promise<unknown>
}

export interface Device {
  dark: boolean
  languages: readonly string[]
}

export const useSettings = defineStore('settings', () => {
  const choices = reactive<Choices>(readChoices({}, []))
  const deviceDark = ref(false)
  const waiting = ref(DEFAULT_WAIT_THRESHOLDS)
  const theme = computed<'light' | 'dark'>({
    get: () => (choices.theme === 'system' ? (deviceDark.value ? 'dark' : 'light') : choices.theme),
    set: (to) => void (choices.theme = to),
  })
  const locale = computed<Locale>({ get: () => choices.locale, set: (to) => void (choices.locale = to) })
  const rowHeight_px = computed(() => (choices.rows === 'compact' ? 40 : 52))

  let copy: KeyStore | undefined
  let keeper: ChoiceKeeper | undefined
  let device: Device = { dark: false, languages: [] }
  /** What keeper and copy know: the difference is what must be told. */
  let known: Record<string, unknown> = {}
  let timer: ReturnType<typeof setTimeout> | undefined
  let askedAt = -Infinity

  /** Reads what was chosen before on this device, else what it prefers, and keeps later choices. */
  function load(store: KeyStore, prefers: Device): void {
    copy = store
    device = prefers
    deviceDark.value = prefers.dark
    take(parse(store.read(COPY)))
    watch(choices, () => {
      if (changes().length === 0) return
      store.write(COPY, JSON.stringify(choices))
      clearTimeout(timer)
      if (keeper) timer = setTimeout(() => void save(), SAVE_AFTER_MS)
    }, { deep: true })
  }

  /** Somebody is signed in: from now on the account's choices hold. */
  async function keepWith(to: ChoiceKeeper | undefined): Promise<void> {
    keeper = to
    askedAt = -Infinity
    await refresh()
  }

  async function refresh(): Promise<void> {
    const now = Date.now()
    if (!keeper || now - askedAt < ASK_EVERY_MS) return
    askedAt = now
    const mine = keeper
    const answer = await mine.read().catch(() => undefined)
    if (!answer || mine !== keeper) return
    if (answer.version === 0) return void save()
    take(answer.document)
    copy?.write(COPY, JSON.stringify(choices))
  }

  async function save(): Promise<void> {
    const names = changes()
    if (!keeper || names.length === 0) return
    const set = Object.fromEntries(names.map((name) => [name, JSON.parse(JSON.stringify(choices[name])) as unknown]))
    try {
      await keeper.write(set)
      Object.assign(known, set)
    } catch {
      // Kept on this device; told with the next change.
    }
  }

  function changes(): (keyof Choices)[] {
    return (Object.keys(choices) as (keyof Choices)[]).filter((name) => !sameChoice(choices[name], known[name]))
  }

  function take(document: Record<string, unknown>): void {
    const read = readChoices(document, device.languages)
    known = JSON.parse(JSON.stringify(read)) as Record<string, unknown>
    Object.assign(choices, read)
  }

  /** Another window of this browser changed something. */
  function changedElsewhere(name: string | null, text: string | null): void {
    if (name === COPY && text) take(parse(text))
  }

  function toggleTheme(): void {
    theme.value = theme.value === 'dark' ? 'light' : 'dark'
  }

  /** The shop's own steps of the waiting scale. */
  function follow([notice_s, urgent_s, overdue_s]: [number, number, number]): void {
    waiting.value = { notice_s, urgent_s, overdue_s }
  }

  return { choices, theme, locale, deviceDark, rowHeight_px, waiting, load, keepWith, refresh, changedElsewhere, toggleTheme, follow }
})

function parse(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
