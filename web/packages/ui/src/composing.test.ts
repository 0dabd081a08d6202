import { describe, expect, it } from 'vitest'
import { countChars, enterMeaning, isComposing, type KeyPress, sendWith } from './composing'

const press = (over: Partial<KeyPress>): KeyPress => ({
  key: 'Enter',
  keyCode: 13,
  isComposing: false,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  ...over,
})

describe('Enter in the composer', () => {
  it('sends', () => {
    expect(enterMeaning(press({}))).toBe('send')
  })

  it('makes a new line with Shift', () => {
    expect(enterMeaning(press({ shiftKey: true }))).toBe('newline')
  })

  it('belongs to the input method while it composes', () => {
    expect(enterMeaning(press({ isComposing: true }))).toBe('none')
    expect(enterMeaning(press({ keyCode: 229 }))).toBe('none')
    expect(enterMeaning(press({ keyCode: 229, shiftKey: true }))).toBe('none')
  })

  it('does not send with other modifiers', () => {
    expect(enterMeaning(press({ altKey: true }))).toBe('none')
    expect(enterMeaning(press({ ctrlKey: true }))).toBe('none')
  })

  it('is the only key that sends', () => {
    expect(enterMeaning(press({ key: 'a', keyCode: 65 }))).toBe('none')
  })

  it('recognises composing by flag or by key code', () => {
    expect(isComposing({ isComposing: false, keyCode: 229 })).toBe(true)
    expect(isComposing({ isComposing: true, keyCode: 0 })).toBe(true)
    expect(isComposing({ isComposing: false, keyCode: 13 })).toBe(false)
  })

  it('counts an emoji as one character', () => {
    expect(countChars('好的😊')).toBe(3)
  })
})

describe('the other habit', () => {
  it('sends only with Ctrl or Command, and Enter is a new line', () => {
    const enter = { key: 'Enter', keyCode: 13, isComposing: false, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false }
    sendWith('ctrl-enter')
    expect([enterMeaning(enter), enterMeaning({ ...enter, ctrlKey: true }), enterMeaning({ ...enter, metaKey: true })]).toEqual(['newline', 'send', 'send'])
    sendWith('enter')
    expect([enterMeaning(enter), enterMeaning({ ...enter, ctrlKey: true })]).toEqual(['send', 'none'])
  })
})
