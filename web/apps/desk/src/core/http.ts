/** JSON calls to the server. The session travels in the cookie; a failure is always an `ApiFailure`. */

export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly params: Record<string, unknown> = {},
    readonly request?: string,
  ) {
    super(code)
  }
}

/** No answer at all: the network or the server is away. */
export const NO_ANSWER = 'no_answer'

export interface Api {
  get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T>
  post<T>(path: string, body?: object): Promise<T>
  put<T>(path: string, body: object): Promise<T>
}

export type Query = Record<string, string | number | undefined | null>

export interface ApiPorts {
  /** The server's time, as every answer carries it. */
  learnNow(now: number): void
  /** The session is over; not told for a wrong password. */
  signedOut(): void
}

const CALL_MS_MAX = 20_000

export function createApi(ports: ApiPorts): Api {
  async function call<T>(method: string, path: string, body?: object, signal?: AbortSignal): Promise<T> {
    const limit = AbortSignal.timeout(CALL_MS_MAX)
    const request: RequestInit = {
      method,
      credentials: 'same-origin',
      headers: body ? { accept: 'application/json', 'content-type': 'application/json' } : { accept: 'application/json' },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    }
    if (body) request.body = JSON.stringify(body)
    const answer = await fetch(`/api/v1${path}`, request).catch((cause: unknown) => {
      if (signal?.aborted) throw cause
      throw new ApiFailure(0, NO_ANSWER)
    })
    const content = (await answer.json().catch(() => null)) as (T & { now?: number }) | null
    if (answer.ok && content) {
      if (content.now) ports.learnNow(content.now)
      return content
    }
    throw failureOf(answer.status, content)
  }

  function failureOf(status: number, content: unknown): ApiFailure {
    const error = content as { code?: string; params?: Record<string, unknown>; request?: string } | null
    const code = error?.code ?? (status >= 500 ? 'unavailable' : 'bad_request')
    if (status === 401 && code !== 'wrong_password') ports.signedOut()
    return new ApiFailure(status, code, error?.params ?? {}, error?.request)
  }

  return {
    get: (path, query, signal) => call('GET', path + queryText(query), undefined, signal),
    post: (path, body) => call('POST', path, body ?? {}),
    put: (path, body) => call('PUT', path, body),
  }
}

function queryText(query: Query | undefined): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null)
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()
  return text ? `?${text}` : ''
}
