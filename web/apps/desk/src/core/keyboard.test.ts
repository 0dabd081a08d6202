import { describe, expect, it } from 'vitest'
import { commandOf, keysText, type Press } from './keyboard'

const press = (over: Partial<Press>): Press => ({
  key: '', code: '', keyCode: 0, isComposing: false, altKey: false, ctrlKey: false, metaKey: false, inText: false, ...over,
})

describe('keys', () => {
  it('find their command by place on the keyboard, so that layouts do not matter', () => {
    expect(commandOf(press({ code: 'KeyJ', key: '∆', altKey: true }))).toBe('longest')
    expect(commandOf(press({ code: 'ArrowDown', altKey: true }))).toBe('next')
  })

  it('take Ctrl or Command for search', () => {
    expect(commandOf(press({ code: 'KeyK', ctrlKey: true }))).toBe('search')
    expect(commandOf(press({ code: 'KeyK', metaKey: true }))).toBe('search')
    expect(commandOf(press({ code: 'KeyK' }))).toBeUndefined()
  })

  it('belong to the input method while it composes', () => {
    expect(commandOf(press({ code: 'Escape', isComposing: true }))).toBeUndefined()
    expect(commandOf(press({ code: 'ArrowDown', altKey: true, keyCode: 229 }))).toBeUndefined()
  })

  it('leave a question mark in a text alone', () => {
    expect(commandOf(press({ key: '?', code: 'Slash' }))).toBe('help')
    expect(commandOf(press({ key: '?', code: 'Slash', inText: true }))).toBeUndefined()
  })

  it('are named as the device names them', () => {
    expect(keysText('longest', false)).toBe('Alt J')
    expect(keysText('search', true)).toBe('⌘ K')
  })
})
