/** What stands in each thread, as plain values to draw. Replaced as a whole whenever the link has news. */
import type { Entry, Pending } from '@xiaoer/realtime'
import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'

export interface ThreadView {
  entries: Entry[]
  notes: Entry[]
  pending: Pending[]
  /** False until both lanes have answered. */
  loaded: boolean
  hasOlder: boolean
  /** An older stretch that does not touch the newest lines; the thread shows it instead. */
  window: { entries: Entry[]; notes: Entry[] } | undefined
}

export type FetchState = 'idle' | 'loading' | 'failed'

export const NO_THREAD: ThreadView = {
  entries: [],
  notes: [],
  pending: [],
  loaded: false,
  hasOlder: false,
  window: undefined,
}

export const useThreads = defineStore('threads', () => {
  const views = shallowReactive(new Map<string, ThreadView>())
  const older = shallowReactive(new Map<string, FetchState>())
  /** The line to bring into view, once. */
  const target = shallowReactive(new Map<string, number>())

  function set(conversation: string, view: ThreadView): void {
    views.set(conversation, view)
  }

  function get(conversation: string | undefined): ThreadView {
    return (conversation && views.get(conversation)) || NO_THREAD
  }

  function reset(): void {
    views.clear()
    older.clear()
    target.clear()
  }

  return { views, older, target, set, get, reset }
})
