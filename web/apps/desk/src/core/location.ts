/** Where the desk stands, in the address: `#/shop/conversation`, so that a reload comes back to it. */
export interface Place {
  shop?: string
  conversation?: string
}

export function placeOf(hash: string): Place {
  const [shop, conversation] = hash.replace(/^#\/?/, '').split('/').map(decode)
  return { ...(shop && { shop }), ...(conversation && { conversation }) }
}

export function hashOf({ shop, conversation }: Place): string {
  return `#/${[shop, conversation].filter(Boolean).map((part) => encodeURIComponent(part!)).join('/')}`
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
