/**
 * What Enter means in a text field. While an input method composes, every key belongs to it: browsers say so
 * by `isComposing`, some only by the old key code 229.
 */

export type EnterMeaning = 'send' | 'newline' | 'none'

export interface KeyPress {
  key: string
  keyCode: number
  isComposing: boolean
  shiftKey: boolean
  ctrlKey: boolean
  altKey: boolean
  metaKey: boolean
}

const COMPOSING_KEY_CODE = 229

export function isComposing(press: Pick<KeyPress, 'isComposing' | 'keyCode'>): boolean {
  return press.isComposing || press.keyCode === COMPOSING_KEY_CODE
}

/** Which keys send: Enter alone, or only together with Ctrl or Command. One person, one habit: it holds for the page. */
export type SendKey = 'enter' | 'ctrl-enter'
let sendKey: SendKey = 'enter'

export function sendWith(key: SendKey): void {
  sendKey = key
}

export function enterMeaning(press: KeyPress): EnterMeaning {
  if (press.key !== 'Enter' || isComposing(press)) return 'none'
  if (press.shiftKey) return 'newline'
  if (press.altKey) return 'none'
  const withCtrl = press.ctrlKey || press.metaKey
  if (sendKey === 'ctrl-enter') return withCtrl ? 'send' : 'newline'
  return withCtrl ? 'none' : 'send'
}

/** Characters as people count them: an emoji is one, whatever its encoding. */
export function countChars(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}
