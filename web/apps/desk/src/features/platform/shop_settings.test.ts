import { expect, it } from 'vitest'
import { grouped, timeOf } from './shop_settings'

it('no setting is lost, also one that no group knows', () => {
  const settings = ['zone', 'brand_new', 'rating'].map((name) => ({ name }))
  const groups = grouped(settings)
  expect(groups.map((group) => group.name)).toEqual(['shop', 'buyers', 'more'])
  expect(groups.flatMap((group) => group.settings)).toHaveLength(3)
})

it('the end of the day reads as midnight', () => {
  expect([timeOf(0), timeOf(545), timeOf(1440)]).toEqual(['00:00', '09:05', '00:00'])
})
