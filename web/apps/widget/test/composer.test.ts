// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { splitText } from '@xiaoer/realtime/split_text.ts'
import { newComposer } from '../src/composer.ts'
import { loadWords, type Words } from '../src/words.ts'

let words: Words
let send: ReturnType<typeof vi.fn<(text: string) => boolean>>
let field: HTMLTextAreaElement
let form: HTMLElement

beforeEach(async () => {
  words = await loadWords('zh-CN')
  send = vi.fn<(text: string) => boolean>(() => true)
  const composer = newComposer(words, send)
  composer.configure('输入消息', 10)
  form = composer.element
  field = form.querySelector('textarea')!
  document.body.replaceChildren(form)
})

function write(text: string): void {
  field.value = text
  field.dispatchEvent(new Event('input'))
}

function press(init: KeyboardEventInit): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init })
  if (init.keyCode) Object.defineProperty(event, 'keyCode', { value: init.keyCode })
  field.dispatchEvent(event)
  return event
}

describe('the composer', () => {
  it('sends on Enter and is empty afterwards', () => {
    write(' 有 M 码吗 ')
    const event = press({ key: 'Enter' })
    expect(send).toHaveBeenCalledWith('有 M 码吗')
    expect(field.value).toBe('')
    expect(event.defaultPrevented).toBe(true)
  })

  it('breaks the line on Shift and Enter', () => {
    write('一')
    expect(press({ key: 'Enter', shiftKey: true }).defaultPrevented).toBe(false)
    expect(send).not.toHaveBeenCalled()
  })

  it('leaves Enter to the input method while it composes', () => {
    write('nihao')
    field.dispatchEvent(new CompositionEvent('compositionstart'))
    press({ key: 'Enter' })
    expect(send).not.toHaveBeenCalled()
    field.dispatchEvent(new CompositionEvent('compositionend'))
    press({ key: 'Enter' })
    expect(send).toHaveBeenCalledOnce()
  })

  it('leaves Enter to an input method that has just ended, by its key code 229', () => {
    write('你好')
    press({ key: 'Enter', keyCode: 229 })
    expect(send).not.toHaveBeenCalled()
  })

  it('does not send nothing', () => {
    write('  \n ')
    press({ key: 'Enter' })
    expect(send).not.toHaveBeenCalled()
  })

  it('counts characters as people do, and keeps a text that is too long', () => {
    write('🐑'.repeat(10))
    expect(form.querySelector('.left')!.textContent).toBe('还能写 0 字')
    write('🐑'.repeat(11))
    expect(form.querySelector('.left')!.textContent).toBe('超出 1 字')
    press({ key: 'Enter' })
    expect(send).not.toHaveBeenCalled()
    expect(field.value).not.toBe('')
  })

  it('sends what is longer in parts, each once and in order, and keeps what was not taken', () => {
    const composer = newComposer(words, send)
    composer.configure('输入消息', 10)
    composer.split = splitText
    form = composer.element
    field = form.querySelector('textarea')!
    document.body.replaceChildren(form)
    write('今天能发货吗？我明天下午出门。谢谢您')
    expect(form.querySelector('.left')!.textContent).toBe('分 3 条发，每条最多 10 字')
    send.mockReturnValueOnce(true).mockReturnValueOnce(false)
    press({ key: 'Enter' })
    expect(send.mock.calls).toEqual([['今天能发货吗？'], ['我明天下午出门。']])
    expect(field.value).toBe('我明天下午出门。\n谢谢您')
    send.mockClear()
    press({ key: 'Enter' })
    expect(send.mock.calls).toEqual([['我明天下午出门。'], ['谢谢您']])
    expect(field.value).toBe('')
  })

  it('keeps the text when it was not taken', () => {
    send.mockReturnValue(false)
    write('一')
    press({ key: 'Enter' })
    expect(field.value).toBe('一')
  })
})
