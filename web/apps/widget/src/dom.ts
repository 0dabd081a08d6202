/* Elements without innerHTML or style attributes, so that the strictest content policy lets us in. */

type Child = Node | string | false | null | undefined
type Props = Record<string, string | number | boolean | ((event: never) => void) | undefined>

/** `h('button.tap', {onclick, 'aria-label': …}, …)`: functions are listeners, booleans are present or not. */
export function h<T extends HTMLElement = HTMLElement>(name: string, props: Props = {}, ...children: Child[]): T {
  const [tag, ...classes] = name.split('.')
  const element = document.createElement(tag!) as T
  if (classes.length) element.className = classes.join(' ')
  for (const [key, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(key.slice(2), value as EventListener)
    else set(element, key, value)
  }
  element.append(...children.filter((child): child is Node | string => !!child))
  return element
}

export function set(element: Element, key: string, value: string | number | boolean | undefined): void {
  if (value === false || value === undefined) element.removeAttribute(key)
  else element.setAttribute(key, value === true ? '' : String(value))
}

const PATHS = {
  talk: 'M3 3.5h10a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H7.5L4.5 14v-2.5H3a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1zM5 6.5h6M5 8.7h4',
  free: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM5.3 8.2l1.900 1.900 3.5-3.900',
  away: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 5v3.2l2.2 1.3',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  down: 'm4.5 6.5 3.5 3.5 3.5-3.5',
  back: 'm9.5 4.5-3.5 3.5 3.5 3.5',
  robot: 'M4.5 5.2h7a1.5 1.5 0 0 1 1.5 1.5v4.3a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 3 11V6.7a1.5 1.5 0 0 1 1.5-1.5zM8 5V2.8M6 8.2v1M10 8.2v1M1.5 8v2M14.5 8v2',
  send: 'm2.5 7.8 11-5-4.3 11-2-4.5z',
  waiting: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2 1.2',
  sent: 'm3.5 8.3 3 3 6-6.5',
  read: 'm1.5 8.3 3 3 6-6.5M8 10.8l.5.5 6-6.5',
  failed: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5.2v3.4M8 10.7v.1',
}
export type IconName = keyof typeof PATHS

export function icon(name: IconName, small = false): SVGElement {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  const path = document.createElementNS(space, 'path')
  set(svg, 'viewBox', '0 0 16 16')
  set(svg, 'aria-hidden', 'true')
  if (small) set(svg, 'class', 's')
  if (name === 'more') set(path, 'stroke-width', 2)
  set(path, 'd', PATHS[name])
  svg.append(path)
  return svg
}

const LINK = /https?:\/\/[^\s<>"'，。；！？、（）「」]+/g

/** Text with its addresses as links; nothing else in it is ever markup. */
export function linked(text: string): (Node | string)[] {
  const out: (Node | string)[] = []
  let from = 0
  for (const found of text.matchAll(LINK)) {
    out.push(text.slice(from, found.index))
    out.push(h('a', { href: found[0], target: '_blank', rel: 'noopener noreferrer nofollow ugc' }, found[0]))
    from = found.index + found[0].length
  }
  out.push(text.slice(from))
  return out
}
