/* One JSON call. A refusal is an `HttpRefusal` with the server's error; no answer at all is whatever `fetch` threw. */

import type { Environment, Request } from './environment.ts'
import type { WireError } from './shapes.ts'

export class HttpRefusal extends Error {
  status: number
  error: WireError

  constructor(status: number, error: WireError) {
    super(error.code)
    this.status = status
    this.error = error
  }
}

export type Call = <T>(method: 'GET' | 'POST', path: string, body?: object, ms_max?: number) => Promise<T>

const CALL_MS_MAX = 20_000

/** `authorisation` is asked for every call; empty means none (the desk's cookie). */
export function caller(env: Environment, base: string, authorisation: () => string, stop?: AbortSignal): Call {
  return async <T>(method: 'GET' | 'POST', path: string, body?: object, ms_max = CALL_MS_MAX) => {
    const abort = new AbortController()
    const give_up = () => abort.abort()
    const cancel = env.after(ms_max, give_up)
    stop?.addEventListener('abort', give_up)
    try {
      const headers: Record<string, string> = { accept: 'application/json' }
      if (authorisation()) headers.authorization = authorisation()
      const request: Request = { method, headers, signal: abort.signal }
      if (body) {
        headers['content-type'] = 'application/json'
        request.body = JSON.stringify(body)
      }
      const answer = await env.fetch(base + path, request)
      const content = (await answer.json().catch(() => null)) as unknown
      if (answer.status < 300 && content) return content as T
      const error = content as WireError | null
      throw new HttpRefusal(answer.status, error?.code ? error : { code: 'unavailable', message: '' })
    } finally {
      cancel()
      stop?.removeEventListener('abort', give_up)
    }
  }
}

/* In step with `CLOSE`; written out, because this file is loaded by itself and shares no code with the first load. */
const CLOSE_CODES: Record<number, number> = { 400: 4000, 401: 4001, 403: 4003, 404: 4003, 413: 4009, 429: 4008 }
const BROKEN = 1006

/** The close code that says over a WebSocket what this failure said over HTTP. */
export function closeCodeOf(failure: unknown): number {
  return (failure instanceof HttpRefusal && CLOSE_CODES[failure.status]) || BROKEN
}
