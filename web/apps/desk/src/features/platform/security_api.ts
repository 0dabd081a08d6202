/** What the account page asks and is told. */
import type { components } from '@xiaoer/api/generated.ts'

export type Security = components['schemas']['Security']
export type SignInPlace = components['schemas']['SignInPlace']
export type NewSecondFactor = components['schemas']['NewSecondFactor']

/** The browser and the system in what a browser calls itself; undefined: nothing known. */
export function deviceName(text: string): string | undefined {
  const browser = [
    ['Edge', /Edg\//],
    ['Firefox', /Firefox\//],
    ['Opera', /OPR\//],
    ['Chrome', /(Chrome|CriOS)\//],
    ['Safari', /Safari\//],
  ].find(([, sign]) => (sign as RegExp).test(text))?.[0]
  const system = [
    ['iPhone', /iPhone/],
    ['iPad', /iPad/],
    ['Android', /Android/],
    ['Windows', /Windows/],
    ['macOS', /Mac OS X/],
    ['Linux', /Linux/],
  ].find(([, sign]) => (sign as RegExp).test(text))?.[0]
  return [browser, system].filter(Boolean).join(' · ') || undefined
}
