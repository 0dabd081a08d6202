/** A Chinese input method at work, as the browser sees one: text under composition, and keys that belong to it. */

import type { Page } from 'playwright-core'

/** What a browser reports for a key that the input method took. */
const TAKEN_BY_INPUT_METHOD = 229
const ENTER = 13

export class InputMethod {
  #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  /** Shows `text` as not yet chosen, for example the pinyin. */
  async compose(text: string): Promise<void> {
    await this.#call('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
  }

  /** Enter while composing, once as Windows reports it and once as it looks elsewhere. */
  async enter(): Promise<void> {
    for (const [key, code] of [['Process', TAKEN_BY_INPUT_METHOD], ['Enter', ENTER]] as const) {
      const press = { key, code: 'Enter', windowsVirtualKeyCode: code, nativeVirtualKeyCode: code }
      await this.#call('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...press })
      await this.#call('Input.dispatchKeyEvent', { type: 'keyUp', ...press })
    }
  }

  /** Replaces what was composed by the chosen characters. */
  async choose(text: string): Promise<void> {
    await this.#call('Input.insertText', { text })
  }

  async #call(method: 'Input.imeSetComposition' | 'Input.dispatchKeyEvent' | 'Input.insertText', params: object): Promise<void> {
    const session = await this.#page.context().newCDPSession(this.#page)
    await session.send(method, params as never)
    await session.detach()
  }
}
