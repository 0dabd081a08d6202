import { describe, expect, it } from 'vitest'
import { formatExactPrice, formatMoney, minorToDecimal } from './money'

describe('money', () => {
  it('turns minor units into a decimal without binary fractions', () => {
    expect(minorToDecimal(13912, 2)).toBe('139.12')
    expect(minorToDecimal(5, 2)).toBe('0.05')
    expect(minorToDecimal(-1530, 2)).toBe('-15.30')
    expect(minorToDecimal(329, 0)).toBe('329')
  })

  it('keeps every digit of a price written by its source', () => {
    expect(formatExactPrice('2.555', 'GBP', 'en')).toBe('£2.555')
    expect(formatExactPrice('2.5', 'GBP', 'en')).toBe('£2.50')
  })

  it('shows the largest safe amount to the last cent', () => {
    expect(formatMoney(900719925474099, 'GBP', 'en')).toBe('£9,007,199,254,740.99')
  })

  it('uses the narrow symbol in both languages', () => {
    expect(formatMoney(32900, 'CNY', 'zh-CN')).toBe('¥329.00')
    expect(formatMoney(13912, 'GBP', 'zh-CN')).toBe('£139.12')
  })

  it('writes currencies without minor units as whole numbers', () => {
    expect(formatMoney(1200, 'JPY', 'en')).toBe('¥1,200')
  })

  it('still shows the sum when the currency is not a known code', () => {
    expect(formatMoney(1530, '??', 'en')).toBe('15.30 ??')
  })
})
