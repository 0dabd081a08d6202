import en from '@xiaoer/i18n/desk/en.ts'
import zhCN from '@xiaoer/i18n/desk/zh-CN.ts'
import { createI18n, useI18n } from 'vue-i18n'
import type { Locale } from './settings'

export function createTexts() {
  return createI18n({
    legacy: false,
    locale: 'zh-CN',
    fallbackLocale: 'en',
    messages: { 'zh-CN': zhCN, en },
    pluralRules: { 'zh-CN': () => 0 },
  })
}

/** Texts of a part that loads later, under `area`. Called in its setup, before its texts are read. */
export function addTexts(area: string, texts: Record<Locale, object>): void {
  const { mergeLocaleMessage } = useI18n({ useScope: 'global' })
  for (const [locale, messages] of Object.entries(texts)) mergeLocaleMessage(locale, { [area]: messages })
}
