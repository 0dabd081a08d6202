/** Runs every journey on every database, two at a time, and closes with the counts. */

import { rm } from 'node:fs/promises'
import { launch } from './browser.ts'
import { matrix, type Kind } from './databases.ts'
import type { Journey } from './journey.ts'
import { journeys } from './journeys/index.ts'
import { World } from './world.ts'
import type { Browser } from 'playwright-core'

/** Most of a journey is waiting for the network and for pages: two share the machine well. */
const LANES = Number(process.env.XIAOER_JOURNEYS_AT_ONCE ?? 2)
const JOURNEY_MS_MAX = 150_000

interface Trip {
  journey: Journey
  kind: Kind
}

export async function run(words: string[]): Promise<number> {
  const wanted = journeys.filter(({ fact }) => fact.includes(words.join(' ')))
  const trips = wanted.flatMap((journey) => matrix().map((kind): Trip => ({ journey, kind })))
  await rm(new URL('../out', import.meta.url), { recursive: true, force: true })
  const browser = await launch()
  const began = Date.now()
  let passed = 0
  let failed = 0
  const lane = async () => {
    for (let trip = trips.shift(); trip; trip = trips.shift()) {
      if (await travel(browser, trip)) passed++
      else failed++
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  await browser.close()
  console.log(`\n${((Date.now() - began) / 60_000).toFixed(1)} minutes`)
  console.log(`${passed} passed, ${failed} failed`)
  return failed || !passed ? 1 : 0
}

async function travel(browser: Browser, { journey, kind }: Trip): Promise<boolean> {
  const began = Date.now()
  const tell = (mark: string, more = '') =>
    console.log(`${mark} ${kind.padEnd(8)} ${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${journey.fact}${more}`)
  let world: World | undefined
  try {
    world = await World.open(kind, browser, journey.settings, journey.isEmpty)
    await inTime(journey.run(world))
    world.isSound()
    tell('✓')
    return true
  } catch (failure) {
    const name = `${kind}-${journey.fact.replace(/\W+/g, '-').slice(0, 60)}`
    await world?.keepEvidence(name).catch(() => undefined)
    tell('✗', `\n    ${failure instanceof Error ? failure.stack : String(failure)}\n    pictures and logs: web/e2e/out/${name}.*`)
    return false
  } finally {
    await world?.close().catch((failure: unknown) => console.log(`    could not clean up: ${String(failure)}`))
  }
}

async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`not done after ${JOURNEY_MS_MAX / 1000} s`)), JOURNEY_MS_MAX)
  })
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}
