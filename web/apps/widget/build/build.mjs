/* Builds what shops load: `widget.js` (one classic script and the other language beside it), then the two pages of our own.
   Fails when the first load has grown over its budget. */

import { readFileSync, rmSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { stylePlugin } from './style.mjs'

/** First load of a shop's visitor: script, style and one language, as gzip. */
const FIRST_LOAD_BYTES_MAX = 15 * 1024

const root = new URL('..', import.meta.url).pathname
const ASSETS = 'widget-assets'
const common = {
  root,
  configFile: false,
  logLevel: 'warn',
  plugins: [stylePlugin()],
}
const options = {
  target: 'es2022',
  emptyOutDir: false,
  modulePreload: false,
  assetsInlineLimit: 0,
  assetsDir: ASSETS,
}

rmSync(`${root}/dist`, { recursive: true, force: true })
await build({
  ...common,
  base: './',
  plugins: [stylePlugin(), classicScript()],
  build: {
    ...options,
    /* library mode: no preload helper around the lazy language */
    lib: { entry: `${root}/src/widget.ts`, formats: ['es'], fileName: () => 'widget.js' },
    rollupOptions: { output: { minify: true, chunkFileNames: `${ASSETS}/[name]-[hash].js` } },
  },
})
await build({
  ...common,
  base: '/',
  build: { ...options, rollupOptions: { input: [`${root}/chat.html`, `${root}/shop.html`] } },
})
checkBudget()

/** Wraps the entry so that it runs as `<script src>` and leaves no names behind. Later parts are asked for by their full address:
    a script from another origin has no address of its own that a relative one could start from. */
function classicScript() {
  return {
    name: 'xiaoer-classic-script',
    enforce: 'post',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk' || !chunk.isEntry) continue
        if (chunk.imports.length || chunk.exports.length) this.error('widget.js must stand alone')
        if (/\bimport\.meta\b/.test(chunk.code)) this.error('widget.js is a classic script and has no import.meta')
        const parts = chunk.code.replaceAll('/* @__PURE__ */', '').replace(/\bimport\((["'`])\.\//g, 'import($base+$1')
        if (/\bimport\((?!\$base\+)/.test(parts)) this.error('a later part would be asked for by a relative address')
        chunk.code = `($base=>{${parts.trim()}})(document.currentScript?.src.replace(/[^/]*$/,""));\n`
      }
    },
  }
}

function checkBudget() {
  const bytes = gzipSync(readFileSync(`${root}/dist/widget.js`), { level: 9 }).length
  console.log(`widget.js: ${bytes} bytes gzip of ${FIRST_LOAD_BYTES_MAX}`)
  if (bytes <= FIRST_LOAD_BYTES_MAX) return
  console.error(`widget.js is ${bytes - FIRST_LOAD_BYTES_MAX} bytes over its budget`)
  process.exit(1)
}
