import type { World } from './world.ts'

/** A fact about the product, and how a person would find it true. */
export interface Journey {
  fact: string
  /** Variables for the server. */
  settings?: Record<string, string>
  run(world: World): Promise<void>
}
