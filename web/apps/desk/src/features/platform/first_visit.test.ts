import { expect, it } from 'vitest'
import { firstShopOf, minuteOf, missingIn, snippetOf, type Answers } from './first_visit'

const answers: Answers = { setup_key: 'k', shop: 's', name: 'n', kind: 'mall', zone: 'UTC', currency: 'cny ', opens: '09:30', closes: '00:00', origins: '', owner: 'o', login: 'l', password: 'p' }

it('midnight as an end is the end of the day', () => {
  expect([minuteOf('00:00'), minuteOf('00:00', true), minuteOf('22:15', true)]).toEqual([0, 1440, 1335])
})

it('tells the server minutes, and no times of day', () => {
  const told = firstShopOf(answers, 'en')
  expect(told).toMatchObject({ opens_minute: 570, closes_minute: 1440, currency: 'CNY', lang: 'en' })
  expect(told).not.toHaveProperty('opens')
})

it('names what is missing in the order of the page', () => {
  expect(missingIn({ ...answers, name: ' ', login: '' })).toEqual(['name', 'login'])
  expect(missingIn(answers)).toEqual([])
})

it('gives the line for the pages of the shop', () => {
  expect(snippetOf('https://chat.example', 'silk')).toBe('<script src="https://chat.example/widget.js" data-shop="silk" async></script>')
})
