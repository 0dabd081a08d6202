import { gzipSync } from 'node:zlib'
import type { Plugin, Rollup } from 'vite'

/** Prints what the browser must load before the first picture, and fails the build beyond the budget. */
export function firstLoadBudget(limit: { gzip_bytes_max: number }): Plugin {
  return {
    name: 'first-load-budget',
    apply: 'build',
    generateBundle(_, bundle) {
      const files = [...entryFiles(bundle)]
      const bytes = files.reduce((sum, file) => sum + gzipSync(contentOf(file)).length, 0)
      const size = `${(bytes / 1024).toFixed(1)} KB`
      const names = files.map((file) => file.fileName).join(', ')
      console.log(`first load: ${size} gzip of ${limit.gzip_bytes_max / 1024} KB (${names})`)
      if (bytes > limit.gzip_bytes_max) this.error(`first load is ${size} gzip, over the budget`)
    },
  }
}

type File = Rollup.OutputAsset | Rollup.OutputChunk

function* entryFiles(bundle: Rollup.OutputBundle): Iterable<File> {
  const wanted = new Set<string>()
  const visit = (name: string): void => {
    const file = bundle[name]
    if (wanted.has(name) || file?.type !== 'chunk') return
    wanted.add(name)
    file.imports.forEach(visit)
  }
  for (const file of Object.values(bundle)) if (file.type === 'chunk' && file.isEntry) visit(file.fileName)
  for (const file of Object.values(bundle)) {
    if (wanted.has(file.fileName) || file.fileName.endsWith('.css')) yield file
  }
}

function contentOf(file: File): string | Uint8Array {
  return file.type === 'chunk' ? file.code : file.source
}
