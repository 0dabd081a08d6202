/** What the cards of a thread ask of the thread they stand in. */
import type { Content, Entry } from '@xiaoer/realtime'
import type { InjectionKey } from 'vue'

export type Of<T extends Content['t']> = Extract<Content, { t: T }>
export type Answer = Of<'answer'>['value']

export interface ThreadContent {
  /** What the buyer answered to the entry, once they did. */
  answerTo(seq: number): Answer | undefined
  /** The same content with addresses that are not over yet. */
  renewed(seq: number): Promise<Content | undefined>
  /** Opens the viewer at the picture of this entry. */
  view(seq: number): void
}

export const THREAD_CONTENT: InjectionKey<ThreadContent> = Symbol('thread content')

/** The address if a browser may follow it: a page or a picture, never a script. */
export function safeAddress(address: string | null | undefined): string | undefined {
  return address && /^(https?:\/\/|\/(?!\/)|blob:)/.test(address) ? address : undefined
}

const KILO = 1024

export function fileSize(bytes: number): string {
  if (bytes < KILO * KILO) return `${Math.max(1, Math.round(bytes / KILO))} KB`
  return `${(bytes / KILO / KILO).toFixed(1)} MB`
}

const THUMB_WIDTH = 240
const THUMB_HEIGHT = 220
const THUMB_LEAST = 40

/** Room for a picture in the thread, known before its bytes are here: nothing moves when they come. */
export function thumbSize(width: number, height: number): { width: number; height: number } {
  if (width <= 0 || height <= 0) return { width: THUMB_WIDTH, height: THUMB_HEIGHT }
  const scale = Math.min(1, THUMB_WIDTH / width, THUMB_HEIGHT / height)
  return { width: Math.max(THUMB_LEAST, Math.round(width * scale)), height: Math.max(THUMB_LEAST, Math.round(height * scale)) }
}

/** The latest answer to each question; a buyer may think again. */
export function answersOf(entries: Entry[]): Map<number, Answer> {
  const found = new Map<number, Answer>()
  for (const { content, recalled } of entries) if (content?.t === 'answer' && !recalled) found.set(content.ref, content.value)
  return found
}

/** What is copied of a message: its words, else what its card is known by. */
export function wordsOf({ text, content }: Entry): string {
  if (text || !content) return text ?? ''
  if (content.t === 'product') return content.link ? `${content.title} ${content.link}` : content.title
  if (content.t === 'order') return content.number
  if (content.t === 'address') return `${content.name} ${content.phone} ${content.address}`
  return content.t === 'image' || content.t === 'file' ? content.name : ''
}
