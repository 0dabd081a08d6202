/// <reference types="node" />
/* A world for tests: time that moves only when told, seeded chance, and a wire that can be cut, doubled and shuffled. */

import { memoryStore, type Answer, type Cancel, type Environment, type Request, type Socket } from '../src/environment.ts'

export function seeded(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), a | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export interface Faults {
  /** Probability, for each frame on a socket, that … */
  cut: number
  lose: number
  double: number
  delay: number
}

export interface Peer {
  /** A socket said this; answer through `tell` and `close`. */
  frame(text: string, socket: FakeSocket): void
  gone(socket: FakeSocket): void
  http(method: string, path: string, headers: Record<string, string>, body: unknown, world: World): Promise<Answer>
}

export class World {
  now_ms = 1_763_870_400_000
  random: () => number
  faults: Faults = { cut: 0, lose: 0, double: 0, delay: 0 }
  sockets_blocked = false
  http_blocked = false
  online = true
  store = memoryStore()
  sockets: FakeSocket[] = []
  #timers: { at: number; order: number; run: () => void }[] = []
  #order = 0
  #network = new Set<(online: boolean) => void>()

  constructor(seed = 1) {
    this.random = seeded(seed)
  }

  after(ms: number, run: () => void): Cancel {
    const timer = { at: this.now_ms + ms, order: this.#order++, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Lets `ms` pass, running what is due in order and every promise between. */
  async pass(ms: number): Promise<void> {
    const until = this.now_ms + ms
    for (;;) {
      await new Promise<void>((go) => setImmediate(go))
      const next = [...this.#timers].sort((a, b) => a.at - b.at || a.order - b.order)[0]
      if (!next || next.at > until) break
      this.#timers = this.#timers.filter((other) => other !== next)
      this.now_ms = Math.max(this.now_ms, next.at)
      next.run()
    }
    this.now_ms = until
  }

  goOnline(online: boolean): void {
    this.online = online
    this.#network.forEach((tell) => tell(online))
  }

  cutSockets(code = 1006): void {
    this.sockets.slice().forEach((socket) => socket.shut(code))
  }

  environment(peer: Peer): Environment {
    return {
      now: () => this.now_ms,
      random: () => this.random(),
      after: (ms, run) => this.after(ms, run),
      openSocket: (url) => new FakeSocket(this, peer, url),
      fetch: (url, request) => this.#fetch(peer, url, request),
      online: () => this.online,
      onNetwork: (tell) => {
        this.#network.add(tell)
        return () => this.#network.delete(tell)
      },
    }
  }

  #fetch(peer: Peer, url: string, request: Request): Promise<Answer> {
    const { pathname, search } = new URL(url)
    return new Promise((resolve, reject) => {
      request.signal?.addEventListener('abort', () => reject(new Error('aborted')))
      this.after(5, () => {
        if (this.http_blocked || this.random() < this.faults.cut) return reject(new Error('network'))
        const body: unknown = request.body ? JSON.parse(request.body) : null
        peer.http(request.method, pathname + search, request.headers, body, this).then((answer) => {
          if (this.random() < this.faults.cut) reject(new Error('network'))
          else this.after(5, () => resolve(answer))
        }, reject)
      })
    })
  }
}

export class FakeSocket implements Socket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  url: string
  over = false
  /** What a server remembers about this connection. */
  memory: Record<string, unknown> = {}
  #world: World
  #peer: Peer

  constructor(world: World, peer: Peer, url: string) {
    this.#world = world
    this.#peer = peer
    this.url = url
    world.after(5, () => {
      if (world.sockets_blocked) return this.shut(1006)
      if (this.over) return
      world.sockets.push(this)
      this.onopen?.()
    })
  }

  send(text: string): void {
    this.#carry(() => this.#peer.frame(text, this))
  }

  tell(frame: object): void {
    const text = JSON.stringify(frame)
    this.#carry(() => this.onmessage?.({ data: text }))
  }

  close(): void {
    this.shut(1000)
  }

  shut(code: number): void {
    if (this.over) return
    this.over = true
    this.#world.sockets = this.#world.sockets.filter((socket) => socket !== this)
    this.#peer.gone(this)
    this.#world.after(1, () => this.onclose?.({ code }))
  }

  #carry(deliver: () => void): void {
    const { faults, random } = this.#world
    const once = (ms: number) => this.#world.after(ms, () => this.over || deliver())
    if (random() < faults.cut) return this.shut(1006)
    if (random() < faults.lose) return
    once(random() < faults.delay ? 5 + random() * 200 : 5)
    if (random() < faults.double) once(5 + random() * 300)
  }
}
