import { expect, it } from 'vitest'
import { newClientId } from '../src/client_id.ts'
import { seeded } from './world.ts'

it('a client id is a UUIDv7 that grows with time', () => {
  const random = seeded(3)
  const ids = [1, 2, 3].map((ms) => newClientId(1_763_870_400_000 + ms, random))
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect([...ids].sort()).toEqual(ids)
})
