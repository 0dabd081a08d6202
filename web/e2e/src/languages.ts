/** Every string a person can see or hear on a page, and which of them are in the wrong language. */

import type { Page } from 'playwright-core'

export type Lang = 'zh-CN' | 'en'

/** What people and goods are called is data: it is the same in both languages. */
const NAMES = ['青禾针织', '小满', '谷雨', '店主', '白露', '立夏', '秋分', '惊蛰', '小雪', '简体中文', 'English', 'Qinghe Knits', 'Asia/Shanghai', 'xiaoman', '¥']
/** A visitor without a name is told apart by the end of a number. */
const VISITOR = /(访客|客户|Visitor|Customer) [0-9A-Z]{4}/g
/** Where data and keys stand, not words. */
const DATA = '.b, .say, [data-testid^=order-] li .cut, .kbd, kbd, .av, #language, [data-testid=buyer-name], [data-testid=viewing] .cut, [data-testid=head-viewing], .ph'
const LATIN_IN_CHINESE = /\b(Alt|Ctrl|Shift|Enter|Esc|Tab|HTTP|cm|kg|ml|[A-Z]|QH-\d+|C?\d+|CNY|XL)\b/g

/** Collects over a journey; the same string is told once. */
export class Proofreader {
  #lang: Lang
  #wrong = new Set<string>()
  /** Proof that something was read at all. */
  strings = 0

  constructor(lang: Lang) {
    this.#lang = lang
  }

  async read(page: Page, where: string): Promise<void> {
    const strings = await page.evaluate(visibleStrings, DATA)
    this.strings += strings.length
    for (const text of strings) if (this.#isWrong(text)) this.#wrong.add(`${where}: ${text}`)
  }

  get wrong(): string[] {
    return [...this.#wrong]
  }

  #isWrong(text: string): boolean {
    const words = NAMES.reduce((rest, name) => rest.replaceAll(name, ''), text.replace(VISITOR, '$1'))
    return this.#lang === 'en' ? /\p{Script=Han}|[，。！？；：「」]/u.test(words) : /[A-Za-z]{2,}/.test(words.replace(LATIN_IN_CHINESE, ''))
  }
}

function visibleStrings(data: string): string[] {
  const found: string[] = [document.title]
  const attributes = ['aria-label', 'title', 'placeholder', 'alt', 'aria-description']
  const visit = (root: Document | ShadowRoot) => {
    for (const element of root.querySelectorAll<HTMLElement>('*')) {
      if (element.shadowRoot) visit(element.shadowRoot)
      if (element.closest(data) || ['SCRIPT', 'STYLE'].includes(element.tagName) || !element.checkVisibility()) continue
      for (const name of attributes) found.push(element.getAttribute(name) ?? '')
      for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) found.push(node.textContent ?? '')
    }
  }
  visit(document)
  return [...new Set(found.map((text) => text.trim()).filter(Boolean))]
}
