/** One table of what the keyboard does. The shell listens; panes say what they can do now. */
import { isComposing } from '@xiaoer/ui'

export const COMMANDS = {
  next: { keys: ['Alt', '↓'], code: 'ArrowDown', alt: true },
  previous: { keys: ['Alt', '↑'], code: 'ArrowUp', alt: true },
  longest: { keys: ['Alt', 'J'], code: 'KeyJ', alt: true },
  search: { keys: ['Ctrl', 'K'], code: 'KeyK', ctrl: true },
  take: { keys: ['Alt', 'A'], code: 'KeyA', alt: true },
  handOver: { keys: ['Alt', 'T'], code: 'KeyT', alt: true },
  close: { keys: ['Alt', 'E'], code: 'KeyE', alt: true },
  note: { keys: ['Alt', 'N'], code: 'KeyN', alt: true },
  pane: { keys: ['F6'], code: 'F6' },
  help: { keys: ['?'], key: '?', outsideText: true },
  escape: { keys: ['Esc'], code: 'Escape' },
} as const satisfies Record<string, Binding>

interface Binding {
  keys: readonly string[]
  code?: string
  key?: string
  alt?: boolean
  ctrl?: boolean
  outsideText?: boolean
}

export type Command = keyof typeof COMMANDS

export interface Press {
  key: string
  code: string
  keyCode: number
  isComposing: boolean
  altKey: boolean
  ctrlKey: boolean
  metaKey: boolean
  /** In a field where letters are text. */
  inText: boolean
}

/** Which command a press means; none while an input method composes. */
export function commandOf(press: Press): Command | undefined {
  if (isComposing(press)) return undefined
  const names = Object.keys(COMMANDS) as Command[]
  return names.find((name) => matches(COMMANDS[name], press))
}

function matches(binding: Binding, press: Press): boolean {
  if (binding.outsideText && press.inText) return false
  if (press.altKey !== Boolean(binding.alt)) return false
  if ((press.ctrlKey || press.metaKey) !== Boolean(binding.ctrl)) return false
  return binding.key ? press.key === binding.key : press.code === binding.code
}

export function isTextField(element: EventTarget | null): boolean {
  if (!(element instanceof HTMLElement)) return false
  return element.isContentEditable || element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement
}

/** `Alt ↓`, on a Mac `⌥ ↓`. */
export function keysText(name: Command, mac = /Mac|iPhone|iPad/.test(navigator.platform)): string {
  const signs: Record<string, string> = mac ? { Alt: '⌥', Ctrl: '⌘' } : {}
  return COMMANDS[name].keys.map((key) => signs[key] ?? key).join(' ')
}

export interface Keyboard {
  /** The newest handler answers first; it may decline by returning false. */
  on(command: Command, run: () => boolean | void): () => void
  press(event: KeyboardEvent): void
}

export function createKeyboard(): Keyboard {
  const handlers: { command: Command; run: () => boolean | void }[] = []
  return {
    on(command, run) {
      const handler = { command, run }
      handlers.unshift(handler)
      return () => void handlers.splice(handlers.indexOf(handler), 1)
    },
    press(event) {
      const command = commandOf(pressOf(event))
      if (!command || event.defaultPrevented) return
      const taken = handlers.filter((one) => one.command === command).some((one) => one.run() !== false)
      if (taken) event.preventDefault()
    },
  }
}

function pressOf(event: KeyboardEvent): Press {
  const { key, code, keyCode, altKey, ctrlKey, metaKey } = event
  return { key, code, keyCode, altKey, ctrlKey, metaKey, isComposing: event.isComposing, inText: isTextField(event.target) }
}
