/* The chat as a page of its own: /chat/{shop}. For phones, for links in a message or behind a QR code. */

import { newChat } from './chat.ts'
import { newHost } from './look.ts'
import { langOf, optionsOf, type Theme } from './options.ts'
import { loadWords } from './words.ts'

const query = new URLSearchParams(location.search)
const shop = decodeURIComponent(/\/chat\/([^/]+)/.exec(location.pathname)?.[1] ?? '')
const data: DOMStringMap = { shop }
for (const name of ['theme', 'accent']) {
  const value = query.get(name)
  if (value) data[name] = name === 'accent' ? `#${value.replace('#', '')}` : value
}
const options = optionsOf(location.origin, data, 'auto' satisfies Theme)

const words = await loadWords(langOf())
document.documentElement.lang = words.lang
document.title = words.t('title')
const { host, root } = await newHost(options)
/* Back means the page before this one; with none there is no button that does nothing. */
const came_from_here = document.referrer.startsWith(location.origin)
const leave = came_from_here && history.length > 1 ? { leave: () => history.back() } : {}
/* the server may be newer than this page: once, the page is loaded anew */
const stale = () => {
  if (!navigator.onLine || sessionStorage.getItem('xiaoer.again')) return
  sessionStorage.setItem('xiaoer.again', '1')
  location.reload()
}
const chat = newChat(options, words, { ...leave, leave_icon: 'back', unread: () => undefined, stale })
chat.element.classList.add('full')
root.append(chat.element)
document.body.append(host)
addEventListener('popstate', () => chat.back(true))
addEventListener('keydown', (event) => event.key === 'Escape' && chat.back())
chat.show()
/* nobody pressed anything yet: on a phone a focus would only draw a ring around the log */
if (!matchMedia('(pointer: coarse)').matches) chat.focus()
