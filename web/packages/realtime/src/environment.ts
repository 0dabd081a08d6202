/* The outside world as an argument: time, chance, network and storage. The rest of the package touches none of them directly. */

export interface Socket {
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number }) => void) | null
  send(text: string): void
  close(code?: number): void
}

export interface Answer {
  status: number
  json(): Promise<unknown>
}

export interface Request {
  method: 'GET' | 'POST'
  headers: Record<string, string>
  body?: string
  credentials?: 'include' | 'omit' | 'same-origin'
  signal?: AbortSignal
}

export type Cancel = () => void

export interface Environment {
  /** Milliseconds since 1970 by the device's clock. */
  now(): number
  /** A number in [0, 1). */
  random(): number
  /** Runs once after `ms`; the returned function cancels it. */
  after(ms: number, run: () => void): Cancel
  openSocket(url: string): Socket
  fetch(url: string, request: Request): Promise<Answer>
  online(): boolean
  /** Tells when the network comes or goes, and (as `true`) when the page becomes visible again. */
  onNetwork(tell: (online: boolean) => void): Cancel
}

/** Text by key. Both calls must not throw: an implementation falls back to memory. */
export interface KeyStore {
  read(key: string): string | null
  write(key: string, value: string | null): void
}

export function browserEnvironment(): Environment {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    after(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    openSocket: (url) => new WebSocket(url) as Socket,
    fetch: (url, request) => fetch(url, request),
    online: () => navigator.onLine,
    onNetwork(tell) {
      const up = () => tell(true)
      const down = () => tell(false)
      const seen = () => document.hidden || tell(navigator.onLine)
      addEventListener('online', up)
      addEventListener('offline', down)
      document.addEventListener('visibilitychange', seen)
      return () => {
        removeEventListener('online', up)
        removeEventListener('offline', down)
        document.removeEventListener('visibilitychange', seen)
      }
    },
  }
}

export function memoryStore(): KeyStore {
  const values = new Map<string, string>()
  return {
    read: (key) => values.get(key) ?? null,
    write(key, value) {
      if (value === null) values.delete(key)
      else values.set(key, value)
    },
  }
}

/** `localStorage`, or memory where the browser blocks it (private windows, full quota, embedded views). */
export function browserStore(): KeyStore {
  const memory = memoryStore()
  return {
    read(key) {
      try {
        return localStorage.getItem(key) ?? memory.read(key)
      } catch {
        return memory.read(key)
      }
    },
    write(key, value) {
      try {
        if (value === null) localStorage.removeItem(key)
        else localStorage.setItem(key, value)
        memory.write(key, null)
      } catch {
        memory.write(key, value)
      }
    },
  }
}
