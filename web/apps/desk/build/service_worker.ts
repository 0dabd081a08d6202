import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import type { Plugin } from 'vite'

/** Writes `sw.js` from its source, with the files of this build and a version that is their fingerprint. */
export function serviceWorker(options: { source: string; public_dir: string }): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const built = Object.keys(bundle).filter((name) => /\.(js|css|html)$/.test(name))
        const shipped = readdirSync(options.public_dir).filter((name) => /\.(svg|png|webmanifest)$/.test(name))
        const files = [...built.filter((name) => !name.endsWith('.html')), ...shipped].sort()
        const content = Object.values(bundle).map((file) => (file.type === 'chunk' ? file.code : file.source))
        const hash = createHash('sha256')
        for (const part of content) hash.update(part)
        const version = hash.digest('hex').slice(0, 12)
        const source = readFileSync(options.source, 'utf8')
        const code = source.replace("'__VERSION__'", JSON.stringify(version)).replace("['__FILES__']", JSON.stringify(files))
        this.emitFile({ type: 'asset', fileName: 'sw.js', source: code })
      },
    },
  }
}
