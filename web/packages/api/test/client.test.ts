import { describe, expect, it, vi } from 'vitest'
import { ApiError, newClient } from '../src/client.ts'

function answering(status: number, body: unknown) {
  return vi.fn<typeof fetch>(async () => new Response(JSON.stringify(body), { status }))
}

describe('a call', () => {
  it('puts the query in the address and leaves out what is not there', async () => {
    const fetch = answering(200, { rows: [] })
    await newClient({ fetch }).get('/shops/demo/conversations', { query: { list: 'mine', cursor: null, limit: 50 } })
    expect(fetch.mock.calls[0]![0]).toBe('/api/v1/shops/demo/conversations?list=mine&limit=50')
  })

  it('is refused with code, parameters and request', async () => {
    const refused = vi.fn()
    const fetch = answering(403, { code: 'forbidden', message: 'no', params: { right: 'orders.read' }, request: 'req_1' })
    const error = await newClient({ fetch, refused }).post('/x').catch((failure: unknown) => failure)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 403, code: 'forbidden', params: { right: 'orders.read' }, request: 'req_1' })
    expect(refused).toHaveBeenCalledWith(error)
  })

  it('says when the answer is none of ours', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>(async () => new Response('<html>', { status: 502 }))
    await expect(newClient({ fetch }).get('/x')).rejects.toMatchObject({ code: 'not_ours', status: 502 })
  })

  it('says when there was no answer', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>(async () => Promise.reject(new TypeError('failed')))
    await expect(newClient({ fetch }).get('/x')).rejects.toMatchObject({ code: 'offline', status: 0 })
  })
})
