import { expect, it } from 'vitest'
import { passwordsCsv, textOf } from './people_api'

it('a table saved by a Chinese spreadsheet reads as Chinese', () => {
  expect(textOf(new Uint8Array([0xd0, 0xa1, 0xc2, 0xfa]))).toBe('小满')
  expect(textOf(new TextEncoder().encode('小满'))).toBe('小满')
})

it('passwords become a table in which no cell is run', () => {
  const csv = passwordsCsv([{ name: '=HYPERLINK("x")', login: 'a1', password: 'pw' }], ['n', 'l', 'p'])
  expect(csv).toBe('\ufeff"n","l","p"\r\n"\'=HYPERLINK(""x"")","a1","pw"\r\n')
})
