import { describe, expect, it } from 'vitest'
import { deviceName } from './security_api'

describe('the name of a device', () => {
  it('is its browser and its system', () => {
    expect(deviceName('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0')).toBe('Edge · Windows')
    expect(deviceName('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1')).toBe('Safari · iPhone')
  })

  it('is unknown where nothing is known', () => {
    expect(deviceName('curl/8.5')).toBeUndefined()
    expect(deviceName('')).toBeUndefined()
  })
})
