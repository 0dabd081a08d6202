import { describe, expect, it } from 'vitest'
import { base64, decoded, fromField, insertAt, toField } from './phrase_api'

describe('the page of phrases', () => {
  it('takes a moment to a field and back to the minute', () => {
    const [at, zone] = [Date.parse('2026-11-11T12:00Z') * 1000, 'Asia/Shanghai']
    expect(toField(at, zone)).toBe('2026-11-11T20:00')
    expect(fromField(toField(at, zone), zone)).toBe(at)
    expect([toField(null, zone), fromField('', zone)]).toEqual(['', null])
  })

  it('reads a sheet in UTF-8 and in what Chinese spreadsheets write', () => {
    const utf8 = new TextEncoder().encode('文件夹,内容')
    expect(decoded(utf8.buffer as ArrayBuffer)).toBe('文件夹,内容')
    expect(decoded(new Uint8Array([0xc4, 0xda, 0xc8, 0xdd]).buffer)).toBe('内容')
  })

  it('packs bytes of any length', () => {
    const bytes = new Uint8Array(100_000).map((_, at) => at % 251)
    expect(Uint8Array.from(atob(base64(bytes.buffer)), (sign) => sign.charCodeAt(0))).toEqual(bytes)
  })

  it('inserts at the end where there is no cursor', () => {
    globalThis.requestAnimationFrame ??= () => 0
    expect(insertAt(undefined, '您好', '{买家}')).toBe('您好{买家}')
  })
})
