/* The shop's colour, made readable: on paper it darkens until white text on it reaches 4.5 : 1, at night it lightens until it stands out
   from the surface by 7 : 1. Anything that is not a #rrggbb is ignored. */

export interface Accent {
  accent: string
  on: string
}

const PAPER = [255, 255, 255]
const NIGHT = [22, 28, 31]
const CONTRAST_LIGHT = 4.5
const CONTRAST_DARK = 7

export function accentOf(colour: string | undefined, dark: boolean): Accent | null {
  if (!/^#[0-9a-f]{6}$/i.test(colour ?? '')) return null
  const surface = dark ? NIGHT : PAPER
  const wanted = dark ? CONTRAST_DARK : CONTRAST_LIGHT
  let rgb = [1, 3, 5].map((at) => parseInt(colour!.slice(at, at + 2), 16))
  for (let step = 0; contrast(rgb, surface) < wanted && step < 60; step++) rgb = rgb.map((value) => (dark ? Math.min(255, value * 1.04 + 1) : value * 0.96))
  return {
    accent: hex(rgb),
    on: dark ? '#0e1518' : '#ffffff',
  }
}

export function contrast(a: number[], b: number[]): number {
  const [low, high] = [light(a), light(b)].sort((x, y) => x - y) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

function light(rgb: number[]): number {
  const [r, g, b] = rgb.map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function hex(rgb: number[]): string {
  return '#' + rgb.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')
}
