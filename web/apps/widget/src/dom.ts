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
  talk: 'M3 3.5h10a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H7.500L4.500 14v-2.500H3a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1zM5 6.500h6M5 8.700h4',
  free: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM5.300 8.200l1.900 1.900 3.500-3.900',
  away: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 5v3.200l2.200 1.300',
  more: 'M3.500 8h.01M8 8h.01M12.500 8h.01',
  down: 'm4.500 6.500 3.500 3.500 3.500-3.500',
  back: 'm9.500 4.500-3.500 3.500 3.500 3.500',
  robot: 'M4.500 5.200h7a1.500 1.500 0 0 1 1.500 1.500v4.300a1.500 1.500 0 0 1-1.500 1.500h-7A1.500 1.500 0 0 1 3 11V6.700a1.500 1.500 0 0 1 1.500-1.500zM8 5V2.800M6 8.200v1M10 8.200v1M1.500 8v2M14.500 8v2',
  send: 'm2.500 7.800 11-5-4.300 11-2-4.500z',
  waiting: 'M8 2.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11zM8 5v3.200l2 1.200',
  sent: 'm3.500 8.300 3 3 6-6.500',
  read: 'm1.500 8.300 3 3 6-6.500M8 10.800l.5.500 6-6.500',
  failed: 'M8 2.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11zM8 5.200v3.400M8 10.700v.1',
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
