import '@xiaoer/ui/tokens.css'
import '@xiaoer/ui/base.css'
import '@xiaoer/ui/waiting.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { createTexts } from './core/texts'

createApp(App).use(createPinia()).use(createTexts()).mount('#app')

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  navigator.serviceWorker.register('/desk/sw.js', { scope: '/desk/' }).catch(() => undefined)
}
