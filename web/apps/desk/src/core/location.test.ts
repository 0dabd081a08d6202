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
