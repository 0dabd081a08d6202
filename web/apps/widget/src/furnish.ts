/* Everything that can come after the first load: menus, tools beside the field, cards, notices. Fetched when the window is opened.
   It shares no code with the first load and gets what it needs as a `Kit`. What only some buyers need is fetched later still. */

import later from 'virtual:style-later'
import { caller, HttpRefusal } from '@xiaoer/realtime/http.ts'
import type { Line } from '@xiaoer/realtime/lines.ts'
import { splitText } from '@xiaoer/realtime/split_text.ts'
import { newCards } from './cards.ts'
import type { Furniture, Kit } from './kit.ts'
import { fitAboveKeyboard } from './keyboard.ts'
import { newLayers } from './layers.ts'
import { openMenu, type MenuItem } from './menu.ts'
import { glyph } from './glyphs.ts'
import { newPrivacy } from './privacy.ts'
import { chime } from './sound.ts'
import type { Tools } from './tools.ts'
import { newViewed } from './viewed.ts'
import { newWaiting } from './waiting.ts'

/** How a browser inside another program names itself; there, no second window opens. */
const IN_WECHAT = /MicroMessenger|miniProgram/i.test(navigator.userAgent)

export async function furnish(kit: Kit): Promise<Furniture> {
  const { words, session, store, element, composer, options, h } = kit
  const { t } = words
  words.add((await (words.lang === 'en' ? import('@xiaoer/i18n/widget_more/en.ts') : import('@xiaoer/i18n/widget_more/zh-CN.ts'))).default)
  adopt(element, later)
  composer.split = splitText
  fitAboveKeyboard(element)

  const call = caller(kit.env, `${options.base}/api/v1/widget/${encodeURIComponent(options.shop)}`, () => (session.token ? `Visitor ${session.token}` : ''))
  const layers = newLayers(kit)
  const tools: Tools = { kit, call, layers, glyph, refusal: (failure) => (failure instanceof HttpRefusal ? failure.error : null), refresh: () => refresh() }
  const cards = newCards(tools)
  const strip = h('div')
  composer.element.before(strip)
  const privacy = newPrivacy(tools)
  const viewed = newViewed(tools, privacy)
  strip.replaceWith(privacy.element, viewed.element)

  const sound_key = `xiaoer.sound.${options.shop}`
  const duty = element.querySelector<HTMLElement>('.duty')!
  const drawQueue = newWaiting(tools, () => privacy.offer, () => void leave())
  const told = h('span', {}, ...duty.childNodes)
  duty.append(told, button('plain', t('leave'), () => void leave()))
  placeTools()
  takeDrops()
  let rated = ''
  setInterval(drawQueue, 10_000)
  void privacy.load().then(refresh)

  function placeTools(): void {
    const [before, behind] = composer.tools as [HTMLElement, HTMLElement]
    const input = h<HTMLInputElement>('input', { type: 'file', multiple: true, hidden: true, tabindex: -1, 'aria-hidden': 'true', accept: matchMedia('(pointer: coarse)').matches ? 'image/*' : false })
    input.addEventListener('change', () => {
      void attach([...(input.files ?? [])])
      input.value = ''
    })
    before.append(input, iconButton('image', t('attach'), () => {
      if (matchMedia('(pointer: coarse)').matches) return chooseKind(input, before)
      input.click()
    }))
    const smile = iconButton('smile', t('emoji'), () => void import('./emoji.ts').then((part) => part.toggleEmoji(tools, smile), lost))
    smile.ariaExpanded = 'false'
    behind.append(smile)
  }

  /** On a phone a picture comes from the camera or the album, and a file from elsewhere: browsers ask for each in another way. */
  function chooseKind(input: HTMLInputElement, anchor: HTMLElement): void {
    const choose = (accept: string) => {
      input.accept = accept
      input.click()
    }
    openMenu(element, anchor.querySelector('button')!, [{ label: t('image'), run: () => choose('image/*') }, { label: t('file'), run: () => choose('') }])
  }

  function takeDrops(): void {
    const over = h('div.drop', { hidden: true }, t('drop'))
    element.append(over)
    const has_files = (event: DragEvent) => !!event.dataTransfer?.types.includes('Files')
    let depth = 0
    const end = () => ((depth = 0), (over.hidden = true))
    element.addEventListener('dragenter', (event) => has_files(event) && (depth++, (over.hidden = false)))
    element.addEventListener('dragleave', () => --depth <= 0 && end())
    element.addEventListener('dragover', (event) => has_files(event) && event.preventDefault())
    element.addEventListener('drop', (event) => {
      end()
      if (!has_files(event)) return
      event.preventDefault()
      void attach([...event.dataTransfer!.files])
    })
    composer.field.addEventListener('paste', (event) => {
      const files = [...(event.clipboardData?.files ?? [])]
      if (!files.length) return
      event.preventDefault()
      void attach(files)
    })
  }

  async function attach(files: File[]): Promise<void> {
    if (files.length) await import('./attach.ts').then((part) => part.attach(tools, files), lost)
  }

  function leave(): Promise<void> {
    return import('./leave.ts').then((part) => part.openLeave(tools, privacy.offer), lost)
  }

  function lost(): void {
    kit.notice(t('reconnecting'))
  }

  function actions(line: Line, anchor: HTMLElement): void {
    if (element.hidden) return
    const { entry, state } = line
    const items: MenuItem[] = []
    if (entry.text) items.push({ label: t('copy'), run: () => void navigator.clipboard?.writeText(entry.text!) })
    const mine = state === 'sent' || state === 'read'
    const in_time = session.clock.now() - entry.at < session.limits.recall_seconds_max * 1_000_000
    if (mine && in_time && entry.seq) items.unshift({ label: t('recall'), run: () => (session.recall(entry.seq), kit.focus()) })
    openMenu(element, anchor, items)
  }

  function menu(): void {
    const on = !!store.read(sound_key)
    const toggle = () => {
      store.write(sound_key, on ? null : '1')
      if (!on) chime()
    }
    const items: MenuItem[] = [{ label: t(on ? 'sound_off' : 'sound_on'), run: toggle }]
    const page = `${options.base}/chat/${options.shop}?lang=${words.lang}`
    if (!kit.is_page) items.push({ label: t('full_page'), run: () => (IN_WECHAT ? location.assign(page) : void open(page, '_blank', 'noopener')) })
    items.push({ label: t('leave'), run: () => void leave() })
    if (session.limits.nudge_seconds && session.reception.state !== 'none') items.push({ label: t('nudge'), run: () => session.send('', { t: 'nudge' }, { t: 'nudge' }) })
    items.push({ label: t('privacy_again'), run: () => privacy.ask() })
    if (!element.hidden) openMenu(element, kit.more, items)
  }

  function refresh(): void {
    viewed.refresh()
    /* the log itself says it when it is empty or has just told */
    const { lines } = session
    told.hidden = !lines.length || lines.slice(-3).some(({ entry }) => entry.code === 'leave_message' || entry.code === 'message_left')
    drawQueue()
    drawRating()
  }

  /** After a session was closed, once: what was it like? */
  function drawRating(): void {
    if (!privacy.offer?.rating || !session.complete) return
    const last = session.log.entries.filter(({ kind }) => kind === 'close' || kind === 'open').at(-1)
    const of = last?.kind === 'close' ? (last.session ?? '') : ''
    if (of === rated) return
    rated = of
    void import('./rating.ts').then((part) => part.drawRating(tools, of, () => rated), () => (rated = ''))
  }

  function button(look: string, label: string, run: () => void): HTMLElement {
    return h(`button.${look}`, { type: 'button', onclick: run }, label)
  }

  function iconButton(name: Parameters<typeof glyph>[0], label: string, run: () => void): HTMLElement {
    const made = h('button', { type: 'button', 'aria-label': label, title: label, onclick: run })
    made.append(glyph(name))
    return made
  }

  return { actions, menu, body: cards, refresh, chime, back: layers.back }
}

function adopt(element: HTMLElement, text: string): void {
  const root = element.getRootNode() as ShadowRoot
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(text)
  root.adoptedStyleSheets.push(sheet)
}
