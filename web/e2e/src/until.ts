/** Waiting for what must become true, never for time to pass. */

const LOOK_EVERY_MS = 40
export const PATIENCE_MS = 25_000

/** Looks again and again until `look` gives something true; says what was awaited when it never does. */
export async function until<T>(what: string, look: () => Promise<T> | T, patience_ms = PATIENCE_MS): Promise<NonNullable<T>> {
  const end = Date.now() + patience_ms
  let last: unknown
  for (;;) {
    try {
      const seen = await look()
      if (seen) return seen
      last = seen
    } catch (failure) {
      last = failure
    }
    if (Date.now() > end) throw new Error(`waited ${patience_ms / 1000} s for: ${what}${told(last)}`)
    await new Promise((go) => setTimeout(go, LOOK_EVERY_MS))
  }
}

/** The same, for a value that must come to equal another; shows both when it does not. */
export async function same<T>(what: string, look: () => Promise<T> | T, wanted: T, patience_ms = PATIENCE_MS): Promise<void> {
  const target = JSON.stringify(wanted)
  let seen = ''
  try {
    await until(what, async () => (seen = JSON.stringify(await look())) === target, patience_ms)
  } catch {
    throw new Error(`${what}\n      wanted ${target}\n      seen   ${seen}`)
  }
}

export function check(fact: unknown, what: string): asserts fact {
  if (!fact) throw new Error(what)
}

function told(last: unknown): string {
  return last instanceof Error ? ` (${last.message.split('\n')[0]})` : ''
}
