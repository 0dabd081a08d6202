/** What leaves for the buyer beside plain lines: cards at once, pictures and files when they are up. */
import type { Content, ContentSent } from '@xiaoer/realtime'
import type { components } from '@xiaoer/api'
import { useApi } from './api'
import { useDesk } from './desk_link'
import { useNotice } from './notice'
import { useSession } from './session'
import type { Order, Product } from './wire'

type Attachment = components['schemas']['Attachment']

/** Lines of an order that its card names while the server has not answered. */
const ITEMS_SHOWN = 3

export function useOutgoing() {
  const desk = useDesk()
  const notice = useNotice()
  const api = useApi()
  const session = useSession()

  function sendContent(conversation: string, content: ContentSent, shown?: Content): boolean {
    const went = desk.show(conversation, content, shown)
    if (!went) notice.tell('too_many')
    return went
  }

  function sendProduct(conversation: string, product: Product): boolean {
    const { sku, title, price, currency, image, link } = product
    return sendContent(conversation, { t: 'product', sku }, { t: 'product', sku, title, price, currency, image, link })
  }

  function sendOrder(conversation: string, order: Order): boolean {
    const { number, state, placed_at, total, currency } = order
    const items = order.items.slice(0, ITEMS_SHOWN).map(({ title, quantity }) => ({ title, count: quantity }))
    const more = order.items.length - items.length
    return sendContent(conversation, { t: 'order', number }, { t: 'order', number, state, placed_at, total, currency, items, more })
  }

  /** Asks the buyer whether an order goes to the right place. */
  function askAddress(conversation: string, order: Order): boolean {
    const { recipient = '', phone = '', address = '' } = order.details ?? {}
    return sendContent(conversation, { t: 'address', number: order.number }, { t: 'address', number: order.number, name: recipient, phone, address })
  }

  /** What goes with a phrase, in its order, behind its words. */
  async function sendFilesOf(conversation: string, phrase: number): Promise<void> {
    const path = `/shops/${session.shopKey}/conversations/${conversation}/phrases/${phrase}/files`
    try {
      const { files } = await api.post<{ files: Attachment[] }>(path)
      for (const { id, t } of files) sendContent(conversation, { t: t === 'image' ? 'image' : 'file', id })
    } catch {
      notice.tell('internal')
    }
  }

  return { sendFilesOf, sendContent, sendProduct, sendOrder, askAddress }
}
