/** The phrases that this agent may say, asked again now and then; and how a phrase is filled in for one buyer. */
import type { components } from '@xiaoer/api'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Api } from './api'
import { indexPhrases } from './phrase_search'

type Wire = components['schemas']['Phrase']
export type Phrases = components['schemas']['Phrases']
export type Phrase = Wire & { standing?: string; sku?: string }
export type PhraseFolder = components['schemas']['PhraseFolder']

/** A library that is this old is asked again when somebody looks. */
const FRESH_MS = 30_000

export const usePhrases = defineStore('phrases', () => {
  const list = shallowRef<readonly Phrase[]>([])
  const folders = shallowRef<readonly PhraseFolder[]>([])
  /** Phrases that I wrote last and whose time is over. */
  const expiredMine = ref(0)
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
      const found = await api.get<Phrases>(`/shops/${shop}/phrases`)
      learn(found)
    } catch (cause) {
      asked = -Infinity
      failure.value = cause
      if (state.value !== 'ready') state.value = 'failed'
    }
  }

  /** What the page of phrases has seen. Libraries of groups that one only looks after are not said from. */
  function learn(found: Phrases): void {
    const foreign = new Set((found.groups ?? []).filter((group) => !group.member).map((group) => group.scope))
    list.value = found.phrases.filter((one) => !foreign.has(one.scope))
    folders.value = found.folders.filter((one) => !foreign.has(one.scope))
    expiredMine.value = found.expired_mine ?? 0
    asked = performance.now()
    state.value = 'ready'
  }

  /** Here the list is ordered anew at once; the send that names the phrase is what counts. */
  function used(phrase: Phrase): void {
    list.value = list.value.map((one) => (one.id === phrase.id ? { ...one, uses: one.uses + 1, used_at: Date.now() * 1000 } : one))
  }

  /** Said where no send names it: beside a marketplace's own chat. */
  function usedElsewhere(phrase: Phrase): void {
    used(phrase)
    void api?.post(`/shops/${shop}/phrases/${phrase.id}/used`).catch(() => undefined)
  }

  return { list, folders, expiredMine, state, failure, index, open, look, learn, used, usedElsewhere }
})

/** A phrase whose time has not come or is over cannot be said. */
export function isSayable(phrase: Phrase): boolean {
  return !phrase.standing || phrase.standing === 'valid'
}

/** The library of a phrase in one word: `group:7` is a group's. */
export function kindOf(scope: string): 'shop' | 'group' | 'personal' {
  return scope === 'shop' || scope === 'personal' ? scope : 'group'
}
