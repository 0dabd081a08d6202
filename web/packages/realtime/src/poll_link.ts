/* The frames of a WebSocket played over HTTP: a loop of long polls for what arrives, POSTs in order for what is said.
   What differs between buyer and desk comes as `PollDialect`. */

import type { Environment } from './environment.ts'
import { caller, closeCodeOf, HttpRefusal, type Call } from './http.ts'
import type { Link, LinkEvents, OpenLink } from './link.ts'
import type { Hello, Incoming, Outgoing, WireError } from './shapes.ts'

export interface PollDialect {
  base: string
  authorisation(): string
  /** Makes the `welcome`. */
  hello(call: Call, hello: Hello): Promise<Incoming>
  /** One long poll; the frames it stands for. */
  updates(call: Call, wait_s: number): Promise<Incoming[]>
  /** Does what the frame asks; the frames that answer it. */
  say(call: Call, frame: Outgoing): Promise<Incoming[]>
}

const WAIT_S = 25
const SLACK_MS = 10_000
/** Least time between two polls that brought nothing, should a server answer them at once. */
const PAUSE_MS = 500

export function pollLink(env: Environment, dialect: PollDialect): OpenLink {
  return (hello, events) => new PollLink(env, dialect, events).start(hello())
}

class PollLink implements Link {
  #env: Environment
  #dialect: PollDialect
  #events: LinkEvents
  #stop = new AbortController()
  #call: Call
  #said: Promise<void> = Promise.resolve()

  constructor(env: Environment, dialect: PollDialect, events: LinkEvents) {
    this.#env = env
    this.#dialect = dialect
    this.#events = events
    this.#call = caller(env, dialect.base, dialect.authorisation, this.#stop.signal)
  }

  start(hello: Hello): this {
    this.#loop(hello).catch((failure: unknown) => this.#end(failure))
    return this
  }

  send(frame: Outgoing): void {
    if (frame.t === 'ping') return
    this.#said = this.#said
      .then(async () => {
        if (!this.#over) this.#tell(await this.#say(frame))
      })
      .catch((failure: unknown) => this.#end(failure))
  }

  close(): void {
    this.#stop.abort()
  }

  get #over(): boolean {
    return this.#stop.signal.aborted
  }

  async #loop(hello: Hello): Promise<void> {
    this.#tell([await this.#dialect.hello(this.#call, hello)])
    while (!this.#over) {
      const call: Call = (method, path, body) => this.#call(method, path, body, WAIT_S * 1000 + SLACK_MS)
      const asked = this.#env.now()
      const frames = await this.#dialect.updates(call, WAIT_S)
      this.#tell(frames)
      const idle = !frames.some((frame) => frame.t === 'entries')
      if (idle && this.#env.now() - asked < PAUSE_MS) {
        await new Promise<void>((go) => this.#env.after(PAUSE_MS, go))
      }
    }
  }

  /** A refusal of one line is a `nack`, as over the WebSocket; anything else ends the link. */
  async #say(frame: Outgoing): Promise<Incoming[]> {
    try {
      return await this.#dialect.say(this.#call, frame)
    } catch (failure) {
      const status = failure instanceof HttpRefusal ? failure.status : 0
      if (status === 401 || status === 403 || status < 400) throw failure
      const error: WireError = (failure as HttpRefusal).error
      return 'id' in frame ? [{ t: 'nack', id: frame.id, error }] : []
    }
  }

  #tell(frames: Incoming[]): void {
    for (const frame of frames) if (!this.#over) this.#events.frame(frame)
  }

  #end(failure: unknown): void {
    if (this.#over) return
    this.#stop.abort()
    if (failure instanceof HttpRefusal) this.#events.frame({ t: 'error', error: failure.error })
    this.#events.closed(closeCodeOf(failure))
  }
}
