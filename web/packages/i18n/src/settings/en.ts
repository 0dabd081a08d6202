import type zhCN from './zh-CN.ts'

const en: typeof zhCN = {
  look: 'Look',
  theme: 'Theme',
  language: 'Language',
  light: 'Light',
  dark: 'Dark',
}

export default en
