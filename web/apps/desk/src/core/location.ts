/** Where the desk stands, in the address: `#/shop/conversation`, so that a reload comes back to it. */
export interface Place {
  shop: string | undefined
  conversation: string | undefined
}

export function placeOf(hash: string): Place {
  const [shop, conversation] = hash.replace(/^#\/?/, '').split('/').map(decode)
  return { shop: shop || undefined, conversation: conversation || undefined }
}

export function hashOf({ shop, conversation }: Place): string {
  const parts = [shop, conversation].flatMap((part) => (part ? [encodeURIComponent(part)] : []))
  return `#/${parts.join('/')}`
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
