/** Shapes and small conversions of the page of phrases. */
import type { components } from '@xiaoer/api'
import { wallTime } from '@xiaoer/ui'

export type AutoReply = components['schemas']['AutoReply']
export type AutoReplyBody = components['schemas']['AutoReplyBody']
export type Imported = components['schemas']['PhraseImported']

const MICROS_PER_MS = 1000

/** A moment as a field for day and time takes it, by the shop's clock; empty for none. */
export function toField(at: number | null | undefined, zone: string): string {
  return at == null ? '' : new Date(at / MICROS_PER_MS).toLocaleString('sv-SE', { timeZone: zone }).slice(0, 16).replace(' ', 'T')
}

/** What such a field holds, in microseconds; null for none. */
export function fromField(text: string, zone: string): number | null {
  const at = wallTime(text, zone)
  return Number.isNaN(at) ? null : at
}

/** Puts words into a field at the cursor and leaves it behind them. */
export function insertAt(area: HTMLTextAreaElement | undefined, text: string, words: string): string {
  const [from, to] = area ? [area.selectionStart, area.selectionEnd] : [text.length, text.length]
  requestAnimationFrame(() => {
    area?.focus()
    area?.setSelectionRange(from + words.length, from + words.length)
  })
  return text.slice(0, from) + words + text.slice(to)
}

/** The text of a sheet, whatever it was written in: UTF-8, else what Chinese spreadsheets write. */
export function decoded(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030').decode(bytes)
  }
}

const CHUNK = 0x8000

export function base64(bytes: ArrayBuffer): string {
  const all = new Uint8Array(bytes)
  let text = ''
  for (let at = 0; at < all.length; at += CHUNK) text += String.fromCharCode(...all.subarray(at, at + CHUNK))
  return btoa(text)
}
