/* One JSON call. A refusal is an `HttpRefusal` with the server's error; no answer at all is whatever `fetch` threw. */

import type { Environment, Request } from './environment.ts'
import { CLOSE, type WireError } from './shapes.ts'

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

/** The close code that says over a WebSocket what this failure said over HTTP. */
export function closeCodeOf(failure: unknown): number {
  const status = failure instanceof HttpRefusal ? failure.status : 0
  if (status === 401) return CLOSE.token
  if (status === 403 || status === 404) return CLOSE.refused
  if (status === 400) return CLOSE.malformed
  if (status === 413) return CLOSE.frame_too_big
  if (status === 429) return CLOSE.too_many_frames
  return CLOSE.broken
}
