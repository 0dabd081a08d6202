/** What this person has chosen on this device, and what the shop sets for everybody. */
import { DEFAULT_WAIT_THRESHOLDS } from '@xiaoer/ui'
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import type { KeyStore } from '@xiaoer/realtime'

export type Theme = 'light' | 'dark'
export const LOCALES = ['zh-CN', 'en'] as const
export type Locale = (typeof LOCALES)[number]

const THEME = 'xiaoer.desk.theme'
const LOCALE = 'xiaoer.desk.lang'

export const useSettings = defineStore('settings', () => {
  const theme = ref<Theme>('light')
  const locale = ref<Locale>('zh-CN')
  const waiting = ref(DEFAULT_WAIT_THRESHOLDS)

  /** Reads what was chosen before, else what the device prefers, and keeps later choices. */
  function load(store: KeyStore, device: { dark: boolean; languages: readonly string[] }): void {
    theme.value = (store.read(THEME) as Theme | null) ?? (device.dark ? 'dark' : 'light')
    locale.value = knownLocale(store.read(LOCALE)) ?? firstKnown(device.languages)
    watch(theme, (value) => store.write(THEME, value))
    watch(locale, (value) => store.write(LOCALE, value))
  }

  function toggleTheme(): void {
    theme.value = theme.value === 'dark' ? 'light' : 'dark'
  }

  /** The shop's own steps of the waiting scale. */
  function follow([notice_s, urgent_s, overdue_s]: [number, number, number]): void {
    waiting.value = { notice_s, urgent_s, overdue_s }
  }

  return { theme, locale, waiting, load, toggleTheme, follow }
})

function knownLocale(text: string | null): Locale | undefined {
  return LOCALES.find((locale) => locale === text)
}

function firstKnown(languages: readonly string[]): Locale {
  for (const language of languages) {
    if (language.startsWith('zh')) return 'zh-CN'
    if (language.startsWith('en')) return 'en'
  }
  return 'en'
}
