/** What is written but not sent, for each conversation and lane. Kept on this device until it is sent. */
import type { KeyStore, Lane } from '@xiaoer/realtime'
import { defineStore } from 'pinia'
import { ref } from 'vue'

export interface DraftStore extends KeyStore {
  keys(): string[]
}

const PREFIX = 'xiaoer.desk.draft.'

export const useDrafts = defineStore('drafts', () => {
  const texts = ref(new Map<string, string>())
  let prefix = PREFIX
  let store: DraftStore | undefined

  /** Drafts belong to one person in one shop. */
  function open(from: DraftStore, shop: string, account: string): void {
    store = from
    prefix = `${PREFIX}${shop}.${account}.`
    const found = from.keys().filter((key) => key.startsWith(prefix))
    texts.value = new Map(found.map((key) => [key.slice(prefix.length), from.read(key) ?? '']))
  }

  function read(conversation: string, lane: Lane): string {
    return texts.value.get(keyOf(conversation, lane)) ?? ''
  }

  function write(conversation: string, lane: Lane, text: string): void {
    const key = keyOf(conversation, lane)
    if (text) texts.value.set(key, text)
    else texts.value.delete(key)
    store?.write(prefix + key, text || null)
  }

  return { open, read, write }
})

function keyOf(conversation: string, lane: Lane): string {
  return `${conversation}.${lane}`
}
