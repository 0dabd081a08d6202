import type { World } from './world.ts'

/** A fact about the product, and how a person would find it true. */
export interface Journey {
  fact: string
  /** Variables for the server. */
  settings?: Record<string, string>
  /** As on the day it was installed: no shop, nobody. */
  isEmpty?: boolean
  run(world: World): Promise<void>
}
