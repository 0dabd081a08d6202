/** One look at the phrase libraries: what is wanted of them, what was found, and the words as one buyer would read them. */
import type { Row } from '@xiaoer/realtime'
import { computed, ref, shallowRef, watch } from 'vue'
import { useConversations } from './conversations'
import { useDesk } from './desk_link'
import { filled, partsOf, type Part, type Values } from './phrase_fill'
import { searchPhrases } from './phrase_search'
import { usePhrases, type Phrase, type PhraseFolder } from './phrases'
import { useSession } from './session'
import type { Order } from './wire'
import { useWords } from './words'

/** Rows that are drawn; whoever wants more types another letter. */
export const SHOWN_MAX = 80

export function usePhraseShelf(row: () => Row) {
  const phrases = usePhrases()
  const conversations = useConversations()
  const session = useSession()
  const desk = useDesk()
  const { buyerName, money } = useWords()
  const text = ref('')
  const order = shallowRef<Order>()
  const hits = computed(() => searchPhrases(phrases.index, text.value, SHOWN_MAX + 1))

  /** The latest order of the buyer fills places of a phrase. */
  watch(() => row().conversation, (conversation) => {
    order.value = undefined
    desk.orders(conversation).then((page) => conversation === row().conversation && (order.value = page.orders[0]), () => undefined)
  }, { immediate: true })

  const values = computed<Partial<Values>>(() => ({
    buyer: buyerName(row().buyer),
    agent: conversations.me?.name ?? '',
    shop: session.shop?.name ?? '',
    ...(order.value && {
      order: order.value.number,
      item: order.value.items[0]?.title ?? '',
      amount: money(order.value.total, order.value.currency),
      courier: order.value.details?.courier ?? '',
      waybill: order.value.details?.waybill ?? '',
    }),
  }))

  return {
    phrases,
    text,
    hits,
    parts: (phrase: Phrase): Part[] => partsOf(phrase.text, values.value),
    words: (phrase: Phrase): string => filled(phrase.text, values.value),
  }
}

export type TreeLine =
  | { type: 'folder'; key: string; depth: number; folder: PhraseFolder; open: boolean; count: number }
  | { type: 'phrase'; key: string; depth: number; phrase: Phrase }
  | { type: 'more'; key: string; depth: number; count: number }

/** The libraries as a tree of lines to draw: folders first, then what lies in them; the loose ones stand last. */
export function treeOf(folders: readonly PhraseFolder[], list: readonly Phrase[], open: ReadonlySet<number>, most: number): TreeLine[] {
  const known = new Set(folders.map(({ id }) => id))
  const under = (parent: number | null): PhraseFolder[] => folders.filter((one) => (one.parent != null && known.has(one.parent) ? one.parent : null) === parent)
  const inside = (folder: number | null): Phrase[] => list.filter((one) => (one.folder != null && known.has(one.folder) ? one.folder : null) === folder)
  const countOf = (folder: number): number => inside(folder).length + under(folder).reduce((sum, { id }) => sum + countOf(id), 0)
  const lines: TreeLine[] = []
  const walk = (parent: number | null, depth: number): void => {
    for (const folder of under(parent)) {
      const isOpen = open.has(folder.id)
      lines.push({ type: 'folder', key: `f${folder.id}`, depth, folder, open: isOpen, count: countOf(folder.id) })
      if (isOpen) walk(folder.id, depth + 1)
    }
    const own = inside(parent)
    for (const phrase of own.slice(0, most)) lines.push({ type: 'phrase', key: `p${phrase.id}`, depth, phrase })
    if (own.length > most) lines.push({ type: 'more', key: `m${parent ?? 0}`, depth, count: own.length - most })
  }
  walk(null, 1)
  return lines
}
