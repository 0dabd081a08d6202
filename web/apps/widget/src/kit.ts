/* What the first load hands to the parts that come later, so that they need none of its code themselves. Types only. */

import type { BuyerSession } from '@xiaoer/realtime/buyer.ts'
import type { Environment, KeyStore } from '@xiaoer/realtime/environment.ts'
import type { Line } from '@xiaoer/realtime/lines.ts'
import type { Entry, ViewedPage } from '@xiaoer/realtime/shapes.ts'
import type { Composer } from './composer.ts'
import type { h, set } from './dom.ts'
import type { Options } from './options.ts'
import type { timeOf, Words } from './words.ts'

export interface Kit {
  options: Options
  words: Words
  session: BuyerSession
  store: KeyStore
  env: Environment
  /** A fresh id for something to be stored. */
  newId(): string
  /** The window. */
  element: HTMLElement
  /** The header's button of the window's own menu. */
  more: HTMLElement
  composer: Composer
  is_page: boolean
  h: typeof h
  set: typeof set
  timeOf: typeof timeOf
  /** What the shop's page said is being looked at; undefined: it said nothing. */
  viewed(): ViewedPage | null | undefined
  /** Something that was asked for did not happen: said above the log for a while. */
  notice(text: string): void
  focus(): void
  toEnd(): void
}

/** What the later parts give back. */
export interface Furniture {
  /** Offers what can be done with a line. */
  actions(line: Line, anchor: HTMLElement): void
  /** The window's own menu. */
  menu(): void
  /** How a message that is more than text looks. */
  body(entry: Entry): Node
  /** Something changed: lines, duty, the page being looked at. */
  refresh(): void
  chime(): void
  /** Closes the topmost layer, if there is one. `by_history`: because a step back was taken. */
  back(by_history: boolean): boolean
}
