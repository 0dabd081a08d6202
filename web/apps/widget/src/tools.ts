/* What the later parts share with each other. Types only. */

import type { Call } from '@xiaoer/realtime/http.ts'
import type { WireError } from '@xiaoer/realtime/shapes.ts'
import type { glyph } from './glyphs.ts'
import type { Kit } from './kit.ts'
import type { Layers } from './layers.ts'

export interface Tools {
  kit: Kit
  /** A call below this shop's address, as this visitor. */
  call: Call
  layers: Layers
  glyph: typeof glyph
  /** The server's own answer, if that is what a call failed with. */
  refusal(failure: unknown): WireError | null
  refresh(): void
}

/** What the shop offers beside the talk. */
export interface Offer {
  now: number
  opens_at: number | null
  due_at: number
  /** Minutes in the queue after which leaving a message is offered. */
  leave_after_minutes: number
  rating: boolean
  viewing: boolean
  privacy: { version: number; zh: string | null; en: string | null }
}
