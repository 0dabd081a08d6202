export * from './client.ts'
export type * from './generated.ts'
