/**
 * Where the desk stands, in the address, so that a reload comes back to it:
 * `#/shop`, `#/shop/conversation`, or `#/shop/page` with what the page itself adds.
 */
export interface Place {
  shop: string | undefined
  conversation: string | undefined
  page?: string | undefined
  /** What follows the page's name. */
  rest?: string | undefined
}

/** Ids of conversations begin so; everything else in second place is a page. */
const CONVERSATION = 'cnv_'

export function placeOf(hash: string): Place {
  const [shop, second, ...rest] = hash.replace(/^#\/?/, '').split('/').map(decode)
  if (!second || second.startsWith(CONVERSATION)) return { shop: shop || undefined, conversation: second || undefined }
  return { shop: shop || undefined, conversation: undefined, page: second, ...(rest.length > 0 && { rest: rest.join('/') }) }
}

export function hashOf({ shop, conversation, page, rest }: Place): string {
  const parts = page ? [shop, page, rest] : [shop, conversation]
  const known = parts.flatMap((part) => (part ? [part.split('/').map(encodeURIComponent).join('/')] : []))
  return `#/${known.join('/')}`
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
