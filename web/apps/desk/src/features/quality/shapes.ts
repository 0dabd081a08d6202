/** Shapes of the rule screen, as the server sends them. */
import type { components } from '@xiaoer/api'

type Schemas = components['schemas']
export const LEVELS = ['off', 'warn', 'ask', 'block'] as const
export type Level = (typeof LEVELS)[number]
export type Rule = Omit<Schemas['GuardRule'], 'level' | 'strictest' | 'next'> & { level: Level; strictest: Level; next: { level: Level; valid_from: number } | null }
export type Rules = Omit<Schemas['GuardRules'], 'rules'> & { rules: Rule[] }
export type Words = Schemas['GuardWords']
export type Imported = Schemas['GuardImported']
export type Trial = Schemas['GuardTrial']
export type Notes = Schemas['GuardNotes']
