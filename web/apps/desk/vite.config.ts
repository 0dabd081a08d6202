import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { serviceWorker } from './build/service_worker.ts'
import { firstLoadBudget } from './build/budget.ts'

const SERVER = process.env.XIAOER_SERVER ?? 'http://127.0.0.1:8099'

export default defineConfig({
  base: '/desk/',
  plugins: [vue(), serviceWorker({ source: new URL('build/sw.js', import.meta.url).pathname, public_dir: new URL('public/', import.meta.url).pathname }), firstLoadBudget({ gzip_bytes_max: 300 * 1024 })],
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: { target: 'es2022', chunkSizeWarningLimit: 400, reportCompressedSize: false },
  server: {
    port: 5174,
    proxy: {
      '/api': SERVER,
      '/dev': SERVER,
      '/ws': { target: SERVER, ws: true },
    },
  },
})
