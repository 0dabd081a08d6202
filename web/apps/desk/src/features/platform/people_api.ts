/** What the team page asks and is told. */
import type { components } from '@xiaoer/api/generated.ts'

export type Person = components['schemas']['Person']
export type People = components['schemas']['People']
export type PeopleLine = components['schemas']['PeopleLine']
export type PeopleLines = components['schemas']['PeopleLines']
export type PeopleAdded = components['schemas']['PeopleAdded']
export type GivenPassword = components['schemas']['GivenPassword']
export type SwitchedOff = components['schemas']['SwitchedOff']

export const ROLES = ['agent', 'leader', 'supervisor', 'manager', 'owner', 'warehouse', 'operations', 'read_only'] as const

/** Text of a file somebody dropped: UTF-8, else the encoding in which Chinese spreadsheets save. */
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030').decode(bytes)
  }
}

/** Passwords as a table for handing out: what a spreadsheet would run is put in quotes. */
export function passwordsCsv(passwords: readonly GivenPassword[], heading: readonly string[]): string {
  const cell = (text: string): string => `"${text.replace(/^[=+\-@]/, "'$&").replaceAll('"', '""')}"`
  const lines = [heading, ...passwords.map(({ name, login, password }) => [name, login, password])]
  return `\ufeff${lines.map((line) => line.map(cell).join(',')).join('\r\n')}\r\n`
}
