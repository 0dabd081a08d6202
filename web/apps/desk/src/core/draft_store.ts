import { browserStore } from '@xiaoer/realtime'
import type { DraftStore } from './drafts'

export function browserDrafts(): DraftStore {
  return {
    ...browserStore(),
    keys() {
      try {
        return Object.keys(localStorage)
      } catch {
        return []
      }
    },
  }
}
