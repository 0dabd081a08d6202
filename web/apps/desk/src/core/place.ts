/**
 * What of the desk is in view, and the way back. On a narrow screen list, thread and context are a stack of screens and
 * the browser's back button walks down it; a page is a step of its own on every screen.
 */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { Place } from './location'

export type Pane = 'list' | 'thread' | 'context'

interface Step {
  pane: Pane
  page: string | undefined
  rest: string | undefined
  /** Steps of ours below this one: only then is there something of ours to go back to. */
  depth: number
}

const LEVEL: Record<Pane, number> = { list: 0, thread: 1, context: 2 }

/** One pane at a time below this width. */
export const NARROW = '(max-width: 1023px)'

export const usePlace = defineStore('place', () => {
  const pane = ref<Pane>('list')
  const page = ref<string>()
  const rest = ref<string>()
  let depth = 0

  /** Where the address pointed when the page was opened. */
  function arrive(place: Place): void {
    page.value = place.page
    rest.value = place.rest
    depth = (history.state as Partial<Step> | null)?.depth ?? 0
    history.replaceState(step(), '')
  }

  function step(): Step {
    return { pane: pane.value, page: page.value, rest: rest.value, depth }
  }

  /** Shows a pane. Going deeper on a narrow screen is a step that Back undoes. */
  function show(to: Pane): void {
    const left = page.value !== undefined
    const deeper = left || (LEVEL[to] > LEVEL[pane.value] && matchMedia(NARROW).matches)
    pane.value = to
    page.value = rest.value = undefined
    if (deeper) push()
    else history.replaceState(step(), '')
  }

  function go(to: string, more?: string): void {
    if (page.value === to && rest.value === more) return
    page.value = to
    rest.value = more
    push()
  }

  function push(): void {
    depth += 1
    history.pushState(step(), '')
  }

  /** One step down; to `floor` where there is no step of ours. */
  function back(floor: Pane): void {
    if (depth > 0) return history.back()
    pane.value = floor
    page.value = rest.value = undefined
    history.replaceState(step(), '')
  }

  /** The browser went back or forward: what stands there now. */
  function popped(state: unknown, place: Place): void {
    const there = (state ?? {}) as Partial<Step>
    depth = there.depth ?? 0
    page.value = place.page
    rest.value = place.rest
    pane.value = there.pane ?? (place.conversation ? 'thread' : 'list')
  }

  return { pane, page, rest, arrive, show, go, back, popped }
})
