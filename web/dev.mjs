/* `npm run dev`: the desk from sources with hot reload, the buyer's window built again after each edit.
   Both talk with the server at XIAOER_SERVER, which shows the built window itself. */

import { spawn } from 'node:child_process'
import { watch } from 'node:fs'

const SERVER = process.env.XIAOER_SERVER ?? 'http://127.0.0.1:8080'
const SETTLE_MS = 150
const here = new URL('.', import.meta.url).pathname

const desk = spawn('npx', ['vite', '--clearScreen', 'false'], {
  cwd: `${here}apps/desk`,
  env: { ...process.env, XIAOER_SERVER: SERVER },
  stdio: 'inherit',
})
desk.on('exit', (code) => process.exit(code ?? 1))

let building = null
let timer
function buildLater() {
  clearTimeout(timer)
  timer = setTimeout(() => {
    if (building) return buildLater()
    building = spawn(process.execPath, ['build/build.mjs'], { cwd: `${here}apps/widget`, stdio: 'inherit' })
    building.on('exit', () => (building = null))
  }, SETTLE_MS)
}
for (const folder of ['apps/widget/src', 'packages/realtime/src', 'packages/i18n/src', 'packages/ui']) {
  watch(here + folder, { recursive: true }, buildLater)
}
