/**
 * The order of a conversation list, and how it stands still. Buyers who wait come first, the longest first;
 * then the answered ones, the newest first. While somebody points at the list nothing in it moves.
 */
import type { Row } from '@xiaoer/realtime'

export type ListTab = 'mine' | 'queue' | 'left' | 'all'
export const LIST_TABS: readonly ListTab[] = ['mine', 'queue', 'left', 'all']

export interface ListOrder {
  waiting: string[]
  answered: string[]
  /** Came while the list stood still; kept at the end so that nothing above moves. */
  arrived: string[]
}

export const EMPTY_ORDER: ListOrder = { waiting: [], answered: [], arrived: [] }

/** After a click the list stands still for this long. */
export const STILL_AFTER_CLICK_MS = 1000

export function belongsTo(row: Row, tab: ListTab, me: string): boolean {
  if (tab === 'all') return true
  if (!row.session || row.session.state === 'closed') return false
  const agent = row.session.agent
  if (tab === 'mine') return agent?.id === me || (row.helpers ?? []).some(({ id }) => id === me)
  return !agent && (tab === 'left') === (row.left === true)
}

export function orderRows(rows: Row[]): ListOrder {
  const waiting = rows.filter((row) => row.waiting_since !== null)
  const answered = rows.filter((row) => row.waiting_since === null)
  return {
    waiting: waiting.sort(byLongestWait).map((row) => row.conversation),
    answered: answered.sort(byNewest).map((row) => row.conversation),
    arrived: [],
  }
}

/** "All" has no sections: the newest activity first, as the server pages it. */
export function orderByActivity(rows: Row[]): ListOrder {
  return { waiting: [], answered: rows.sort(byNewest).map((row) => row.conversation), arrived: [] }
}

/** While the list stands still: what is shown, with newcomers at the very end. */
export function stillOrder(shown: ListOrder, wanted: ListOrder): ListOrder {
  const known = new Set(flatOrder(shown))
  const arrived = flatOrder(wanted).filter((id) => !known.has(id))
  return { ...shown, arrived: [...shown.arrived, ...arrived] }
}

export function flatOrder(order: ListOrder): string[] {
  return [...order.waiting, ...order.answered, ...order.arrived]
}

export function isSameOrder(a: ListOrder, b: ListOrder): boolean {
  return flatOrder(a).join() === flatOrder(b).join() && a.waiting.length === b.waiting.length
}

/** Whether the list must stand still now. */
export function mustStandStill(pointer_inside: boolean, clicked_at_ms: number, now_ms: number): boolean {
  return pointer_inside || now_ms - clicked_at_ms < STILL_AFTER_CLICK_MS
}

/** The neighbour in the shown order; from nothing, the first one. */
export function neighbour(order: string[], from: string | undefined, step: 1 | -1): string | undefined {
  if (order.length === 0) return undefined
  const at = from ? order.indexOf(from) : -1
  if (at < 0) return step === 1 ? order[0] : order.at(-1)
  return order[Math.min(Math.max(at + step, 0), order.length - 1)]
}

function byLongestWait(a: Row, b: Row): number {
  return (a.waiting_since ?? 0) - (b.waiting_since ?? 0) || byId(a, b)
}

function byNewest(a: Row, b: Row): number {
  return (b.last?.at ?? 0) - (a.last?.at ?? 0) || byId(a, b)
}

function byId(a: Row, b: Row): number {
  return a.conversation < b.conversation ? -1 : 1
}
