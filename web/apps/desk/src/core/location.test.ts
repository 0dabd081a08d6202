import { describe, expect, it } from 'vitest'
import { hashOf, placeOf } from './location'

describe('the address', () => {
  it('brings back the shop and the conversation', () => {
    const place = { shop: 'demo', conversation: 'cnv_1' }
    expect(placeOf(hashOf(place))).toEqual(place)
  })

  it('may name only the shop, or nothing', () => {
    expect(placeOf('#/demo')).toEqual({ shop: 'demo', conversation: undefined })
    expect(placeOf('')).toEqual({ shop: undefined, conversation: undefined })
  })

  it('does not stumble over signs it cannot read', () => {
    expect(placeOf('#/%E0%A4%A')).toEqual({ shop: undefined, conversation: undefined })
  })
})

describe('the address of a page', () => {
  it('brings back the page and what it adds', () => {
    expect(placeOf('#/demo/settings')).toEqual({ shop: 'demo', conversation: undefined, page: 'settings' })
    const deep = { shop: 'demo', conversation: undefined, page: 'orders', rest: 'a b/2' }
    expect(placeOf(hashOf(deep))).toEqual(deep)
  })

  it('is not a conversation, which begins with its sign', () => {
    expect(placeOf('#/demo/cnv_7').page).toBeUndefined()
  })
})
