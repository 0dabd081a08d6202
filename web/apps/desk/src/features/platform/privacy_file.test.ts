import { describe, expect, it } from 'vitest'
import { nameIn } from './privacy_file'

describe('the name of a file that is handed out', () => {
  it('is what the server calls it, and never a path', () => {
    expect(nameIn('attachment; filename="demo-byr_7.zip"')).toBe('demo-byr_7.zip')
    expect(nameIn('attachment; filename="../../x"')).toBeUndefined()
    expect(nameIn(null)).toBeUndefined()
  })
})
