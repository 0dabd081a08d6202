/* Written by the generator from docs/openapi.json. Nobody edits it by hand. */

export type paths = Record<string, never>
export type components = { schemas: Record<string, never> }
