/* `virtual:style` and `virtual:style-dark`: style.css made small, with just the tokens it uses, and what differs at night, which is fetched
   when it is wanted. `virtual:style-later`: later.css with what only it uses, day and night in one. Token values come from packages/ui/tokens.css; references between tokens are resolved here. */

import { readFileSync } from 'node:fs'

const IDS = { 'virtual:style': (texts) => texts.light, 'virtual:style-dark': (texts) => texts.dark, 'virtual:style-later': (texts) => texts.later }
const STYLE = new URL('../src/style.css', import.meta.url)
const LATER = new URL('../src/later.css', import.meta.url)
const TOKENS = new URL('../../../packages/ui/tokens.css', import.meta.url)

export function stylePlugin() {
  return {
    name: 'xiaoer-style',
    resolveId: (id) => (id in IDS ? `\0${id}` : null),
    load(id) {
      const pick = IDS[id.slice(1)]
      if (id[0] !== '\0' || !pick) return null
      for (const file of [STYLE, LATER, TOKENS]) this.addWatchFile(file.pathname)
      return `export default ${JSON.stringify(pick(styleTexts()))}`
    },
  }
}

export function styleTexts() {
  const tokens = readFileSync(TOKENS, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const light = valuesOf(tokens, /(^|\})\s*:root[^{@]*\{([^}]*)\}/g)
  const dark = new Map([...light, ...valuesOf(tokens, /(^|\})\s*\[data-theme="dark"\]\s*\{([^}]*)\}/g)])
  const first = sheetOf(readFileSync(STYLE, 'utf8'), light, dark)
  const later = sheetOf(readFileSync(LATER, 'utf8'), light, dark)
  const own = later.themed.filter((name) => !first.themed.includes(name))
  return {
    light: minify(`${first.text}:host{color-scheme:light;${first.block(light)}}`),
    dark: minify(`:host([data-theme=dark]){color-scheme:dark;${first.block(dark)}}`),
    later: minify(`${later.text}:host{${later.block(light, own)}}:host([data-theme=dark]){${later.block(dark, own)}}`),
  }
}

function sheetOf(style, light, dark) {
  const used = [...new Set([...style.matchAll(/var\((--[\w-]+)/g)].map((found) => found[1]))].filter((name) => !OWN.test(name))
  const missing = used.filter((name) => !light.has(name))
  if (missing.length) throw new Error(`a style uses unknown tokens: ${missing.join(', ')}`)
  const value = (name, theme) => resolve(`var(${name})`, theme)
  const themed = used.filter((name) => value(name, light) !== value(name, dark))
  /* what both themes share needs no name in the window */
  const text = style.replace(/var\((--[\w-]+)\)/g, (whole, name) => (themed.includes(name) || OWN.test(name) ? whole : value(name, light)))
  return { text, themed, block: (theme, names = themed) => names.map((name) => `${name}:${value(name, theme)}`).join(';') }
}

/** Names that belong to the window itself. */
const OWN = /^--(w-|vh$|vt$)/

function valuesOf(text, blocks) {
  const values = new Map()
  for (const block of text.matchAll(blocks)) {
    for (const [, name, value] of block[2].matchAll(/(--[\w-]+)\s*:\s*([^;]+);/g)) values.set(name, value.trim().replace(/\s+/g, ' '))
  }
  return values
}

function resolve(value, theme) {
  return value.replace(/var\((--[\w-]+)\)/g, (_, name) => resolve(theme.get(name) ?? '', theme))
}

function minify(text) {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/\s*([{};,])\s*/g, '$1')
    .replace(/:\s+/g, ':')
    .replace(/;}/g, '}')
    .trim()
}
