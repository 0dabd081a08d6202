/** One table of what the keyboard does. The shell listens; panes say what they can do now. */
import { isComposing } from '@xiaoer/ui'
import { shallowReactive } from 'vue'

export const COMMANDS = {
  next: { keys: ['Alt', '↓'], code: 'ArrowDown', alt: true },
  previous: { keys: ['Alt', '↑'], code: 'ArrowUp', alt: true },
  longest: { keys: ['Alt', 'J'], code: 'KeyJ', alt: true },
  search: { keys: ['Ctrl', 'K'], code: 'KeyK', ctrl: true },
  take: { keys: ['Alt', 'A'], code: 'KeyA', alt: true },
  handOver: { keys: ['Alt', 'T'], code: 'KeyT', alt: true },
  accept: { keys: ['Alt', 'Y'], code: 'KeyY', alt: true },
  close: { keys: ['Alt', 'E'], code: 'KeyE', alt: true },
  note: { keys: ['Alt', 'N'], code: 'KeyN', alt: true },
  phrases: { keys: ['Ctrl', '/'], code: 'Slash', ctrl: true },
  product: { keys: ['Alt', 'P'], code: 'KeyP', alt: true },
  order: { keys: ['Alt', 'O'], code: 'KeyO', alt: true },
  better: { keys: ['Alt', 'R'], code: 'KeyR', alt: true },
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

/** Commands in the groups in which the table of keys shows them. */
export const COMMAND_GROUPS: Record<string, readonly Command[]> = {
  list: ['next', 'previous', 'longest', 'search'],
  session: ['take', 'handOver', 'accept', 'close', 'note'],
  writing: ['phrases', 'product', 'order', 'better'],
  desk: ['pane', 'help', 'escape'],
}

/** Esc and ? keep their keys: whoever is lost must find out. */
export const FIXED: readonly Command[] = ['escape', 'help']

/** Commands that a person gave other keys; empty text: none. Written by the settings. */
export const rebound = shallowReactive<Record<string, string>>({}) as Partial<Record<Command, string>>

/** `Alt+KeyJ`, as it is kept. Undefined for a press that cannot be a command: a bare letter belongs to texts. */
export function keysOf(press: Omit<Press, 'inText' | 'isComposing' | 'keyCode'> & { shiftKey?: boolean }): string | undefined {
  if (/^(Alt|Control|Shift|Meta)/.test(press.code) || !press.code) return undefined
  const free = /^F\d+$/.test(press.code)
  if (!press.altKey && !press.ctrlKey && !press.metaKey && !free) return undefined
  return [(press.ctrlKey || press.metaKey) && 'Ctrl', press.altKey && 'Alt', press.shiftKey && 'Shift', press.code].filter(Boolean).join('+')
}

/** The command that already has these keys. */
export function ownerOf(keys: string, but?: Command): Command | undefined {
  return (Object.keys(COMMANDS) as Command[]).find((name) => name !== but && specOf(name) === keys)
}

function specOf(name: Command): string {
  const own = rebound[name]
  if (own !== undefined) return own
  const { code, alt, ctrl } = COMMANDS[name] as Binding
  return code ? [ctrl && 'Ctrl', alt && 'Alt', code].filter(Boolean).join('+') : ''
}

export interface Press {
  key: string
  code: string
  keyCode: number
  isComposing: boolean
  altKey: boolean
  ctrlKey: boolean
  metaKey: boolean
  shiftKey?: boolean
  /** In a field where letters are text. */
  inText: boolean
}

/** Which command a press means; none while an input method composes. */
export function commandOf(press: Press): Command | undefined {
  if (isComposing(press)) return undefined
  const names = Object.keys(COMMANDS) as Command[]
  return names.find((name) => {
    const own = rebound[name]
    return own === undefined ? matches(COMMANDS[name], press) : own !== '' && own === keysOf(press)
  })
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
  const own = rebound[name]
  const keys = own === undefined ? COMMANDS[name].keys : own.split('+').filter(Boolean).map(keyLabel)
  return keys.map((key) => signs[key] ?? key).join(' ')
}

const LABELS: Record<string, string> = { ArrowDown: '↓', ArrowUp: '↑', ArrowLeft: '←', ArrowRight: '→', Slash: '/', Period: '.', Comma: ',' }

function keyLabel(code: string): string {
  return LABELS[code] ?? code.replace(/^(Key|Digit)/, '')
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
  const { key, code, keyCode, altKey, ctrlKey, metaKey, shiftKey } = event
  return { key, code, keyCode, altKey, ctrlKey, metaKey, shiftKey, isComposing: event.isComposing, inText: isTextField(event.target) }
}
