/** The choices of a person, and how they are read from whatever was kept: what is not understood falls back. */

export type Theme = 'light' | 'dark' | 'system'
export const THEMES: readonly Theme[] = ['light', 'dark', 'system']
export const LOCALES = ['zh-CN', 'en'] as const
export type Locale = (typeof LOCALES)[number]
export const SPEECH_PX = [14, 16, 18] as const
export type SpeechPx = (typeof SPEECH_PX)[number]
export const ROWS = ['roomy', 'compact'] as const
export const SEND_KEYS = ['enter', 'ctrl-enter'] as const
export type SendKey = (typeof SEND_KEYS)[number]

/** What can be heard or shown. */
export const ALERTS = ['conversation', 'reply', 'alarm'] as const
export type Alert = (typeof ALERTS)[number]

export interface Sounds {
  on: boolean
  /** 0 to 100. */
  volume: number
  conversation: boolean
  reply: boolean
  alarm: boolean
}

export interface Desktop {
  on: boolean
  /** Whether a notification shows what the buyer wrote. */
  text: boolean
}

export interface Choices {
  theme: Theme
  locale: Locale
  speech_px: SpeechPx
  rows: (typeof ROWS)[number]
  send: SendKey
  /** Own figures are not shown. */
  hide_figures: boolean
  /** Commands with other keys than usual, such as `Alt+KeyN`; empty text: none. */
  keys: Record<string, string>
  sounds: Sounds
  desktop: Desktop
}

export function readChoices(kept: Record<string, unknown>, languages: readonly string[]): Choices {
  const sounds = record(kept.sounds)
  const desktop = record(kept.desktop)
  const volume = Number(sounds.volume ?? 60)
  return {
    theme: oneOf(THEMES, kept.theme, 'system'),
    locale: oneOf(LOCALES, kept.locale, firstKnown(languages)),
    speech_px: oneOf(SPEECH_PX, kept.speech_px, 14),
    rows: oneOf(ROWS, kept.rows, 'roomy'),
    send: oneOf(SEND_KEYS, kept.send, 'enter'),
    hide_figures: kept.hide_figures === true,
    keys: Object.fromEntries(Object.entries(record(kept.keys)).filter((pair): pair is [string, string] => typeof pair[1] === 'string')),
    sounds: {
      on: sounds.on !== false,
      volume: Number.isFinite(volume) ? Math.min(100, Math.max(0, Math.round(volume))) : 60,
      conversation: sounds.conversation !== false,
      reply: sounds.reply !== false,
      alarm: sounds.alarm !== false,
    },
    desktop: { on: desktop.on === true, text: desktop.text === true },
  }
}

export function sameChoice(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function oneOf<T>(known: readonly T[], value: unknown, otherwise: T): T {
  return known.find((one) => one === value) ?? otherwise
}

function firstKnown(languages: readonly string[]): Locale {
  for (const language of languages) {
    if (language.startsWith('zh')) return 'zh-CN'
    if (language.startsWith('en')) return 'en'
  }
  return 'en'
}
