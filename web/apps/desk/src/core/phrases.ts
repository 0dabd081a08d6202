/** The phrases that this agent may say, asked again now and then; and how a phrase is filled in for one buyer. */
import type { components } from '@xiaoer/api'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Api } from './api'
import { indexPhrases } from './phrase_search'

type Wire = components['schemas']['Phrase']
export type Phrase = Wire & { standing?: string; sku?: string }
export type PhraseFolder = components['schemas']['PhraseFolder']

/** A library that is this old is asked again when somebody looks. */
const FRESH_MS = 30_000

export const usePhrases = defineStore('phrases', () => {
  const list = shallowRef<readonly Phrase[]>([])
  const folders = shallowRef<readonly PhraseFolder[]>([])
  const state = ref<'idle' | 'loading' | 'ready' | 'failed'>('idle')
  const failure = shallowRef<unknown>()
  const index = computed(() => indexPhrases(list.value))
  let api: Api | undefined
  let shop = ''
  let asked = -Infinity

  function open(by: Api, of: string): void {
    api = by
    shop = of
    asked = -Infinity
    list.value = folders.value = []
    state.value = 'idle'
  }

  /** What is there already stays in view until the answer comes. */
  async function look(): Promise<void> {
    if (!api || performance.now() - asked < FRESH_MS) return
    asked = performance.now()
    if (state.value !== 'ready') state.value = 'loading'
    try {
      const found = await api.get<components['schemas']['Phrases']>(`/shops/${shop}/phrases`)
      list.value = found.phrases
      folders.value = found.folders
      state.value = 'ready'
    } catch (cause) {
      asked = -Infinity
      failure.value = cause
      if (state.value !== 'ready') state.value = 'failed'
    }
  }

  /** Counts only order the list: a count that does not arrive is no loss worth telling. */
  function used(phrase: Phrase): void {
    list.value = list.value.map((one) => (one.id === phrase.id ? { ...one, uses: one.uses + 1, used_at: Date.now() * 1000 } : one))
    void api?.post(`/shops/${shop}/phrases/${phrase.id}/used`).catch(() => undefined)
  }

  return { list, folders, state, failure, index, open, look, used }
})

/** A phrase whose time has not come or is over cannot be said. */
export function isSayable(phrase: Phrase): boolean {
  return !phrase.standing || phrase.standing === 'valid'
}
