/** Figures of the desk in a real browser: a long list, and sixty conversations that move at once. Prints, judges nothing. */

import type { Page } from 'playwright-core'
import { launch } from './browser.ts'
import { World } from './world.ts'

const LONG = 10_000
const MOVING = 60

export async function run(): Promise<number> {
  const browser = await launch()
  const world = await World.open('sqlite', browser)
  try {
    const agent = await world.agent('xiaoman')
    const { page } = agent
    const loaded = await page.evaluate(() => (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).filter(({ name }) => name.includes('/desk/assets/')).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0))
    console.log(`first load as sent          ${(loaded / 1024).toFixed(1)} KB`)
    await page.getByTestId('tab-all').click()
    await page.waitForTimeout(1000)
    const put = await page.evaluate(fill, LONG)
    console.log(`${LONG} rows into the list  ${put.toFixed(0)} ms to the next frame`)
    const shown = await page.getByTestId('list').locator('[role=option]').count()
    console.log(`rows in the page            ${shown} of ${LONG}`)
    console.log(`scrolling through them      ${await frames(page, scroll, 0)}`)
    await page.getByTestId('tab-mine').click()
    console.log(`${MOVING} conversations move     ${await frames(page, move, MOVING)}`)
  } finally {
    await world.close()
    await browser.close()
  }
  return 0
}

type Shelf = { rows: Map<string, Record<string, unknown>>; addAll(rows: unknown[], next: null, fresh: boolean): void; receive(row: unknown): void; me?: { id: string } }
type Desk = { __vue_app__: { config: { globalProperties: { $pinia: { _s: Map<string, Shelf> } } } } }

/** Fills "all" through the store that the link feeds, so that what is measured is the desk and not the network. */
function fill(count: number): Promise<number> {
  const shelf = (document.querySelector('#app') as unknown as Desk).__vue_app__.config.globalProperties.$pinia._s.get('conversations')!
  const at = Date.now() * 1000
  const rows = Array.from({ length: count }, (_, n) => ({
    conversation: `cnv_${n}`, buyer: { id: `byr_${n}`, name: `买家 ${n}`, identified: false }, last: { seq: 1, at: at - n * 1e6, side: 'buyer', kind: 'message', preview: `第 ${n} 句话` },
    unread: n % 3, waiting_since: n < 60 ? at - n * 5e6 : null, stage: 'in_sales', marks: { buyer: 0, staff: 0 }, last_seq: 1, staff_seq: 0,
    session: { id: `ses_${n}`, state: n < 60 ? 'active' : 'closed', agent: { id: shelf.me?.id, name: '小满' }, opened_at: at, why: null },
  }))
  const began = performance.now()
  shelf.addAll(rows, null, true)
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began))))
}

/** Runs `work` frame by frame and tells how long the frames took. */
async function frames(page: Page, work: (n: number) => Promise<{ frames: number[]; tasks: number[] }>, n: number): Promise<string> {
  const { frames, tasks } = await page.evaluate(work, n)
  const sorted = [...frames].sort((a, b) => a - b)
  const p95 = sorted[Math.floor(sorted.length * 0.95)] ?? 0
  const longest = Math.max(0, ...tasks)
  return `frames p95 ${p95.toFixed(1)} ms, worst ${(sorted.at(-1) ?? 0).toFixed(1)} ms; ${tasks.length} long tasks, longest ${longest.toFixed(0)} ms`
}

async function scroll(): Promise<{ frames: number[]; tasks: number[] }> {
  const tasks: number[] = []
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' })
  const box = document.querySelector('[data-testid=list]')!
  const frames: number[] = []
  let last = performance.now()
  for (let n = 0; n < 120; n += 1) {
    box.scrollTop += 400
    await new Promise(requestAnimationFrame)
    const now = performance.now()
    frames.push(now - last)
    last = now
  }
  return { frames, tasks }
}

async function move(count: number): Promise<{ frames: number[]; tasks: number[] }> {
  const shelf = (document.querySelector('#app') as unknown as Desk).__vue_app__.config.globalProperties.$pinia._s.get('conversations')!
  const tasks: number[] = []
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' })
  const frames: number[] = []
  let last = performance.now()
  for (let round = 0; round < 20; round += 1) {
    for (let n = 0; n < count; n += 1) {
      const row = shelf.rows.get(`cnv_${n}`)
      // Each on its own, as frames of the socket come.
      await Promise.resolve()
      shelf.receive({ ...row, unread: round, last: { ...(row?.last as object), seq: round + 2, preview: `又一句 ${round}` } })
    }
    await new Promise(requestAnimationFrame)
    const now = performance.now()
    frames.push(now - last)
    last = now
  }
  return { frames, tasks }
}
