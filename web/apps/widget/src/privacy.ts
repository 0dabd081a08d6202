/* What the buyer is told about own data, and the answer. Without a yes the page being looked at is told to nobody; the chat works
   either way. The answer is kept on the device under the version of the notice, and recorded with the shop. */

import type { Offer, Tools } from './tools.ts'

export interface Privacy {
  element: HTMLElement
  readonly offer: Offer | undefined
  load(): Promise<void>
  /** True after a yes to the notice as it is now. */
  agreed(): boolean
  ask(): void
}

export function newPrivacy({ kit, call, refresh }: Tools): Privacy {
  const { h, words, store, options } = kit
  const { t } = words
  const key = `xiaoer.consent.${options.shop}`
  const element = h('div.strip.ask', { hidden: true, role: 'region', 'aria-label': t('privacy_title') })
  let offer: Offer | undefined

  async function load(): Promise<void> {
    try {
      offer = await call<Offer>('GET', '/offer')
    } catch {
      return
    }
    if (Math.abs(answer()) !== offer.privacy.version) ask()
  }

  /** The version said yes to; negative after a no; 0 before any. */
  function answer(): number {
    return Number(store.read(key)) || 0
  }

  function ask(): void {
    const own = words.lang === 'en' ? offer?.privacy.en : offer?.privacy.zh
    element.hidden = false
    element.replaceChildren(h('b', {}, t('privacy_title')), h('p', {}, own || t('privacy')), h('div.row', {},
      h('button.fill', { type: 'button', onclick: () => say(true) }, t('privacy_agree')),
      h('button.plain', { type: 'button', onclick: () => say(false) }, t('privacy_decline'))))
  }

  function say(yes: boolean): void {
    const version = offer?.privacy.version ?? 1
    store.write(key, String(yes ? version : -version))
    element.hidden = true
    kit.focus()
    /* the server may not keep records: the answer holds here all the same */
    call('POST', '/consent', { version, lang: words.lang, agreed: yes }).catch(() => undefined)
    refresh()
  }

  return {
    element,
    get offer() {
      return offer
    },
    load,
    agreed: () => !!offer && answer() === offer.privacy.version,
    ask,
  }
}
