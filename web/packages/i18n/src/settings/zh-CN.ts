export default {
  look: '外观',
  theme: '明暗',
  language: '语言',
  light: '浅色',
  dark: '深色',
}
