/* After a session: stars, why, and own words; once, changeable for a while. It can be put away and promises nothing. */

import type { Tools } from './tools.ts'

interface Given {
  stars: number
  reasons: string[]
  text: string | null
  changeable_until: number
}

const PRAISE = ['solved', 'quick', 'kind', 'expert'] as const
const BLAME = ['unsolved', 'slow', 'unkind', 'unclear'] as const
type Reason = (typeof PRAISE)[number] | (typeof BLAME)[number]
/** From so many stars on the reasons are those of praise. */
const PRAISE_FROM = 4

/** Draws the rating of `session` where it belongs; takes it away when there is none. `current` says whose turn it is by now. */
export async function drawRating(tools: Tools, session: string, current: () => string): Promise<void> {
  const { kit, call, glyph, refusal } = tools
  const { element, h, set, words, store, options } = kit
  const { t } = words
  element.querySelector('.rate')?.remove()
  const skip_key = `xiaoer.unrated.${options.shop}`
  if (!session || store.read(skip_key) === session) return
  let given: Given | null
  try {
    given = (await call<{ rating: Given | null }>('GET', `/sessions/${session}/rating`)).rating
  } catch {
    return
  }
  if (current() !== session) return
  const box = h('div.rate', { role: 'region', 'aria-label': t('rate_title') })
  element.querySelector('.mid')!.after(box)
  if (given) thanks(given)
  else ask(0, [], '')
  kit.toEnd()

  function thanks(rating: Given): void {
    const may_change = rating.changeable_until > kit.session.clock.now()
    const change = may_change && h('button.text', { type: 'button', onclick: () => ask(rating.stars, rating.reasons, rating.text ?? '') }, t('rate_change'))
    box.replaceChildren(h('p', { role: 'status' }, h('span', {}, t('rate_thanks', { n: rating.stars })), change || null))
  }

  function ask(stars: number, reasons: string[], text: string): void {
    const chosen = new Set(reasons)
    const buttons = [1, 2, 3, 4, 5].map((n) => {
      const star = h('button', { type: 'button', role: 'radio', 'aria-label': t('rate_star', { n }), onclick: () => choose(n) })
      star.append(glyph('star'))
      return star
    })
    const group = h('div.stars', { role: 'radiogroup', 'aria-label': t('rate_title') }, ...buttons)
    group.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key]
      if (!step) return
      event.preventDefault()
      choose(Math.min(5, Math.max(1, stars + step)))
      buttons[stars - 1]?.focus()
    })
    const skip = h('button.text', { type: 'button', onclick: put_away }, t('rate_skip'))
    const more = h('div', { hidden: true })
    box.replaceChildren(h('p', {}, h('span', {}, h('b', {}, t('rate_title'))), skip), group, more)
    if (stars) choose(stars)
    else paint()

    function choose(n: number): void {
      const side = (of: number) => (of >= PRAISE_FROM ? PRAISE : BLAME)
      if (stars && side(n) !== side(stars)) chosen.clear()
      stars = n
      paint()
      detail(side(n))
    }

    function paint(): void {
      buttons.forEach((star, at) => {
        star.classList.toggle('on', at < stars)
        set(star, 'aria-checked', String(at + 1 === stars))
        star.tabIndex = at === Math.max(0, stars - 1) ? 0 : -1
      })
    }

    function detail(offered: readonly Reason[]): void {
      const chips = offered.map((reason) => {
        const chip = h('button', { type: 'button', 'aria-pressed': String(chosen.has(reason)), onclick: () => {
          if (!chosen.delete(reason)) chosen.add(reason)
          set(chip, 'aria-pressed', String(chosen.has(reason)))
        } }, t(`reason_${reason}`))
        return chip
      })
      const own = h<HTMLInputElement>('input', { maxlength: 500, 'aria-label': t('rate_text'), placeholder: t('rate_text'), autocomplete: 'off' })
      own.value = text
      own.addEventListener('input', () => (text = own.value))
      const fault = h('p.fault', { role: 'alert' })
      const send = h('button.fill', { type: 'button', onclick: () => void submit(own.value, send, fault) }, t('rate_send'))
      more.hidden = false
      more.replaceChildren(h('p', {}, t('rate_why')), h('div.chips', { role: 'group', 'aria-label': t('rate_why') }, ...chips), own, h('div.do', {}, send), fault)
      kit.toEnd()
    }

    async function submit(words_given: string, send: HTMLElement, fault: HTMLElement): Promise<void> {
      set(send, 'aria-disabled', 'true')
      try {
        thanks(await call<Given>('POST', `/sessions/${session}/rating`, { stars, reasons: [...chosen], text: words_given }))
        kit.focus()
      } catch (failure) {
        set(send, 'aria-disabled', false)
        fault.textContent = t(refusal(failure)?.code === 'too_late' ? 'rate_too_late' : 'rate_failed')
      }
    }
  }

  function put_away(): void {
    store.write(skip_key, session)
    box.remove()
    kit.focus()
  }
}
