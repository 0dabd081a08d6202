import { expect, it } from 'vitest'
import { changeOf, type Speech } from './audit_words'

const speech: Speech = {
  field: (name) => ({ roles: '岗位', cap: '上限' })[name],
  word: (value) => ({ agent: '客服', leader: '组长' })[value],
  yes: '是', no: '否', nothing: '—', list: '、', joint: '；',
}

it('only what differs is told, by its name', () => {
  expect(changeOf({ roles: [], cap: 10 }, { roles: ['agent', 'leader'], cap: 10 }, speech)).toBe('岗位 — → 客服、组长')
  expect(changeOf(undefined, { cap: 8, paused: true }, speech)).toBe('上限 8；paused 是')
})

it('a bare value is told as it is', () => {
  expect(changeOf('5', '10', speech)).toBe('5 → 10')
  expect(changeOf(null, null, speech)).toBe('')
  expect(changeOf(null, 'https://a.example', speech)).toBe('https://a.example')
})
