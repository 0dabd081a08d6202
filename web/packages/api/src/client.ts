/* The HTTP side of the desk: one function for every call, one error type. Never retries by itself; a POST that stores something
   carries a client id, so whoever calls may. */

export interface ErrorBody {
  code: string
  message: string
  params?: Record<string, string | number | null>
  request?: string
}

/** The server refused. `code` is stable and has a sentence in every language; `request` is for support. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly params: Record<string, string | number | null>
  readonly request: string

  constructor(status: number, body: ErrorBody) {
    super(body.message || body.code)
    this.name = 'ApiError'
    this.status = status
    this.code = body.code
    this.params = body.params ?? {}
    this.request = body.request ?? ''
  }
}

/** Codes that no server sends: there was no answer, or it was none of ours. */
export const OFFLINE = 'offline'
export const TIMED_OUT = 'timed_out'
export const NOT_OURS = 'not_ours'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export type Query = Record<string, string | number | boolean | null | undefined>

export interface Ask {
  query?: Query
  body?: object
  signal?: AbortSignal
}

export interface ClientOptions {
  /** In front of every path; `/api/v1` on the server's own pages. */
  base?: string
  fetch?: typeof fetch
  ms_max?: number
  /** Called for every refusal, before it is thrown: for example to go to sign-in on `not_signed_in`. */
  refused?(error: ApiError): void
}

export interface Client {
  get<T>(path: string, ask?: Ask): Promise<T>
  post<T>(path: string, body?: object, ask?: Ask): Promise<T>
  put<T>(path: string, body?: object, ask?: Ask): Promise<T>
}

const MS_MAX = 20_000

export function newClient(options: ClientOptions = {}): Client {
  const call = <T>(method: Method, path: string, ask: Ask) => callOnce<T>(options, method, path, ask)
  return {
    get: (path, ask = {}) => call('GET', path, ask),
    post: (path, body = {}, ask = {}) => call('POST', path, { ...ask, body }),
    put: (path, body = {}, ask = {}) => call('PUT', path, { ...ask, body }),
  }
}

async function callOnce<T>(options: ClientOptions, method: Method, path: string, ask: Ask): Promise<T> {
  const { base = '/api/v1', ms_max = MS_MAX } = options
  const request: RequestInit = { method, headers: { accept: 'application/json' }, credentials: 'same-origin' }
  if (ask.body) {
    request.headers = { accept: 'application/json', 'content-type': 'application/json' }
    request.body = JSON.stringify(ask.body)
  }
  const timeout = AbortSignal.timeout(ms_max)
  request.signal = ask.signal ? AbortSignal.any([ask.signal, timeout]) : timeout
  let answer: Response
  try {
    answer = await (options.fetch ?? fetch)(base + path + queryOf(ask.query), request)
  } catch (failure) {
    if (ask.signal?.aborted) throw failure
    throw new ApiError(0, { code: timeout.aborted ? TIMED_OUT : OFFLINE, message: String(failure) })
  }
  const content: unknown = await answer.json().catch(() => null)
  if (answer.ok && content !== null) return content as T
  const error = new ApiError(answer.status, errorBody(content, answer.status))
  options.refused?.(error)
  throw error
}

function errorBody(content: unknown, status: number): ErrorBody {
  const body = content as ErrorBody | null
  return typeof body?.code === 'string' ? body : { code: NOT_OURS, message: `HTTP ${status}` }
}

function queryOf(query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined)
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()
  return text && `?${text}`
}
