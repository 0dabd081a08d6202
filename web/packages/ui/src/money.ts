/**
 * Money for people. Amounts are integers in minor units; nothing here goes through a binary fraction,
 * so a sum is shown to the last cent as it is stored.
 */

/** How many digits a currency writes after the point: 2 for GBP, 0 for JPY. */
export function minorDigits(currency: string): number {
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency })
    return format.resolvedOptions().maximumFractionDigits ?? 2
  } catch {
    return 2
  }
}

/** Minor units to a decimal text: `13912`, 2 → `139.12`. */
export function minorToDecimal(minor: number, digits: number): string {
  const sign = minor < 0 ? '-' : ''
  const padded = String(Math.abs(minor)).padStart(digits + 1, '0')
  if (digits === 0) return sign + padded
  return `${sign}${padded.slice(0, -digits)}.${padded.slice(-digits)}`
}

/** `¥329.00`, `£139.12`, `-£15.30`: symbol and grouping of the reader's language. */
export function formatMoney(minor: number, currency: string, locale: string): string {
  const digits = minorDigits(currency)
  return formatDecimal(minorToDecimal(minor, digits), digits, currency, locale)
}

/** A price as its source wrote it (`2.555`), which may have more digits than the currency. */
export function formatExactPrice(text: string, currency: string, locale: string): string {
  return formatDecimal(text.trim(), minorDigits(currency), currency, locale)
}

function formatDecimal(decimal: string, digits: number, currency: string, locale: string): string {
  const written = decimal.split('.')[1]?.length ?? 0
  try {
    const format = new Intl.NumberFormat(locale, {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      minimumFractionDigits: Math.max(digits, written),
      maximumFractionDigits: Math.max(digits, written),
    })
    return format.format(decimal as `${number}`)
  } catch {
    return `${decimal} ${currency}`
  }
}
