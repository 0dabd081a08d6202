import en from '@xiaoer/i18n/desk/en.ts'
import zhCN from '@xiaoer/i18n/desk/zh-CN.ts'
import { createI18n } from 'vue-i18n'

export function createTexts() {
  return createI18n({
    legacy: false,
    locale: 'zh-CN',
    fallbackLocale: 'en',
    messages: { 'zh-CN': zhCN, en },
    pluralRules: { 'zh-CN': () => 0 },
  })
}
