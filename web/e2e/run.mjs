/* `npm run e2e [words]`: the journeys whose name holds the words, all without. `npm run screens`: the pictures of docs/screens. */

import { runnerImport } from 'vite'

const [what = 'main', ...words] = process.argv.slice(2)
const { module } = await runnerImport(new URL(`src/${what}.ts`, import.meta.url).pathname, { configFile: false, logLevel: 'warn' })
process.exit(await module.run(words))
