import { describe, expect, it } from 'vitest'
import { accentOf, contrast } from '../src/accent.ts'

const rgb = (hex: string) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))
const colours = ['#3f5a48', '#ffd400', '#ff6b6b', '#ffffff', '#000000', '#12646d', '#8888ff']

describe("the shop's colour", () => {
  it.each(colours)('%s carries white text by day', (colour) => {
    expect(contrast(rgb(accentOf(colour, false)!.accent), [255, 255, 255])).toBeGreaterThan(4.4)
  })

  it.each(colours)('%s stands out at night and carries dark text', (colour) => {
    const { accent, on } = accentOf(colour, true)!
    expect(contrast(rgb(accent), [22, 28, 31])).toBeGreaterThan(6.9)
    expect(contrast(rgb(accent), rgb(on))).toBeGreaterThan(6.9)
  })

  it('is left alone when it is readable', () => {
    expect(accentOf('#3f5a48', false)!.accent).toBe('#3f5a48')
  })

  it('is ignored when it is no colour', () => {
    expect(accentOf('red; background: url(x)', false)).toBeNull()
    expect(accentOf(undefined, true)).toBeNull()
  })
})
