import { afterEach, describe, expect, it } from 'vitest'
import { commandOf, keysOf, keysText, ownerOf, rebound, type Command, type Press } from './keyboard'

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

describe('own keys', () => {
  afterEach(() => {
    for (const name of Object.keys(rebound) as Command[]) delete rebound[name]
  })

  it('take the place of the usual ones and are shown', () => {
    rebound.longest = 'Ctrl+Shift+KeyL'
    expect(commandOf(press({ code: 'KeyL', ctrlKey: true, shiftKey: true }))).toBe('longest')
    expect(commandOf(press({ code: 'KeyJ', altKey: true }))).toBeUndefined()
    expect(keysText('longest', false)).toBe('Ctrl Shift L')
  })

  it('may be none', () => {
    rebound.close = ''
    expect(commandOf(press({ code: 'KeyE', altKey: true }))).toBeUndefined()
    expect(keysText('close', false)).toBe('')
  })

  it('know who has them already', () => {
    expect(ownerOf('Alt+KeyJ')).toBe('longest')
    expect(ownerOf('Alt+KeyJ', 'longest')).toBeUndefined()
  })

  it('are never a bare letter', () => {
    expect(keysOf(press({ code: 'KeyA', key: 'a' }))).toBeUndefined()
    expect(keysOf(press({ code: 'AltLeft', altKey: true }))).toBeUndefined()
    expect(keysOf(press({ code: 'F7' }))).toBe('F7')
  })
})
