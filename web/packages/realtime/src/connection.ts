/* The one state machine that keeps a client connected. It chooses between WebSocket and long poll, backs off, watches that the other
   side is alive and says hello again after every loss. It knows nothing of what the frames mean. */

import type { Cancel, Environment } from './environment.ts'
import type { Link, OpenLink } from './link.ts'
import { CLOSE, type Hello, type Incoming, type Outgoing, type WireError } from './shapes.ts'

export type Phase = 'idle' | 'connecting' | 'ready' | 'waiting' | 'stopped'
export type Transport = 'socket' | 'poll'

export interface ConnectionState {
  phase: Phase
  transport: Transport
  /** False while the device says it has no network. */
  online: boolean
  /** Device time in milliseconds of the next try, while `waiting`. */
  retry_at: number
  /** Why it gave up, while `stopped`. */
  reason: WireError | null
}

/** After the loss of a connection: try again (`again` backs off, `now` does not) or give up. */
export type Verdict = 'again' | 'now' | 'stop'

export interface ConnectionPorts {
  hello(): Hello
  received(frame: Incoming): void
  changed(state: ConnectionState): void
  lost(code: number, error: WireError | null): Verdict
}

const BACK_OFF_MS = 500
const BACK_OFF_MS_MAX = 30_000
/** A connection that lived this long after its welcome was a good one. */
const STABLE_MS = 10_000
const WELCOME_MS_MAX = 8_000
const PING_MS = 25_000
const SILENCE_MS_MAX = 75_000
/** After coming back from sleep or another page: how long to wait for a sign of life. */
const NUDGE_MS_MAX = 5_000
/** Sockets that died young before the long poll takes over. */
const YOUNG_MAX = 2
/** First try to come back from the long poll; the pause doubles. An outage looks like a blocked socket at first. */
const PROBE_MS = 5_000
const PROBE_MS_MAX = 600_000
/** Least wait after the server said that we send too much. */
const TOO_MANY_MS = 5_000

type TimerName = 'retry' | 'welcome' | 'stable' | 'ping' | 'nudge' | 'probe'

export class Connection {
  state: ConnectionState
  #env: Environment
  #open: Record<Transport, OpenLink>
  #ports: ConnectionPorts
  #link: Link | null = null
  #probe: Link | null = null
  #attempt = 0
  #young = 0
  #heard = 0
  #error: WireError | null = null
  #probe_ms = PROBE_MS
  #timers: Partial<Record<TimerName, Cancel>> = {}
  #leave: Cancel | null = null

  constructor(env: Environment, open: Record<Transport, OpenLink>, ports: ConnectionPorts) {
    this.#env = env
    this.#open = open
    this.#ports = ports
    this.state = { phase: 'idle', transport: 'socket', online: env.online(), retry_at: 0, reason: null }
  }

  start(): void {
    if (this.state.phase !== 'idle' && this.state.phase !== 'stopped') return
    this.#attempt = 0
    this.#leave ??= this.#env.onNetwork((online) => this.#network(online))
    this.#connect()
  }

  stop(reason: WireError | null = null): void {
    this.#hangUp()
    this.#leave?.()
    this.#leave = null
    this.#become({ phase: reason ? 'stopped' : 'idle', reason })
  }

  /** Says hello again on a new connection, now. */
  restart(): void {
    this.#hangUp()
    this.#attempt = 0
    this.#leave ??= this.#env.onNetwork((online) => this.#network(online))
    this.#connect()
  }

  /** False when it cannot leave now; what must not be lost is kept by the caller. */
  send(frame: Outgoing): boolean {
    if (this.state.phase !== 'ready' || !this.#link) return false
    this.#link.send(frame)
    return true
  }

  /** The link is there but does not do its work: drop it and resume. */
  drop(): void {
    if (this.#link) this.#lost(CLOSE.broken)
  }

  #connect(): void {
    this.#hangUp()
    const transport: Transport = this.#young >= YOUNG_MAX ? 'poll' : 'socket'
    this.#error = null
    this.#become({ phase: 'connecting', transport, reason: null })
    const events = {
      frame: (frame: Incoming) => this.#heardFrame(frame),
      closed: (code: number) => this.#lost(code),
    }
    try {
      this.#link = this.#open[transport](() => this.#ports.hello(), events)
      this.#timer('welcome', WELCOME_MS_MAX, () => this.drop())
    } catch {
      /* a page may be forbidden to open sockets at all */
      this.#timer('retry', 0, () => this.#lost(CLOSE.broken))
    }
  }

  #heardFrame(frame: Incoming): void {
    this.#heard = this.#env.now()
    this.#clear('nudge')
    if (frame.t === 'error') this.#error = frame.error
    if (frame.t === 'welcome') this.#welcomed()
    this.#ports.received(frame)
  }

  #welcomed(): void {
    this.#clear('welcome')
    this.#timer('stable', STABLE_MS, () => {
      this.#attempt = 0
      if (this.state.transport === 'socket') {
        this.#young = 0
        this.#probe_ms = PROBE_MS
      }
    })
    this.#timer('ping', PING_MS, () => this.#ping())
    if (this.state.transport === 'poll') this.#probeLater()
    this.#become({ phase: 'ready', online: true })
  }

  #ping(): void {
    if (this.#env.now() - this.#heard > SILENCE_MS_MAX) return this.drop()
    this.send({ t: 'ping' })
    this.#timer('ping', PING_MS, () => this.#ping())
  }

  #network(online: boolean): void {
    const { phase } = this.state
    if (this.state.online !== online) this.#become({ online })
    if (phase === 'stopped' || phase === 'idle') return
    if (!online) return this.drop()
    if (phase === 'waiting') {
      this.#attempt = 0
      return this.#connect()
    }
    if (phase === 'ready' && this.#env.now() - this.#heard > NUDGE_MS_MAX && !this.#timers.nudge) {
      this.send({ t: 'ping' })
      const ms = this.state.transport === 'poll' ? SILENCE_MS_MAX : NUDGE_MS_MAX
      this.#timer('nudge', ms, () => this.drop())
    }
  }

  #lost(code: number): void {
    const was_poll = this.state.transport === 'poll'
    const young = !!this.#timers.stable || this.state.phase === 'connecting'
    this.#hangUp()
    if (was_poll) this.#young = YOUNG_MAX - 1
    else if (young && code < 4000 && code !== CLOSE.going_away && code !== CLOSE.restarting) this.#young++
    const verdict = this.#ports.lost(code, this.#error)
    if (verdict === 'stop') return this.stop(this.#error ?? { code: 'refused', message: '', params: { close: code } })
    const ceiling = Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS * 2 ** (this.#attempt - 1))
    let ms = this.#attempt === 0 || (verdict === 'now' && this.#attempt < 3) ? 0 : this.#env.random() * ceiling
    if (code === CLOSE.too_many_frames) ms += TOO_MANY_MS
    this.#attempt++
    this.#timer('retry', ms, () => this.#connect())
    this.#become({ phase: 'waiting', retry_at: this.#env.now() + ms })
  }

  #probeLater(): void {
    this.#timer('probe', this.#probe_ms * (0.5 + this.#env.random()), () => {
      this.#probe_ms = Math.min(PROBE_MS_MAX, this.#probe_ms * 2)
      this.#probeLater()
      this.#probeNow()
    })
  }

  #probeNow(): void {
    let adopted = false
    const heard = (frame: Incoming) => {
      if (adopted) return this.#heardFrame(frame)
      if (frame.t !== 'welcome') return
      adopted = true
      this.#adopt(frame)
    }
    const closed = (code: number) => {
      if (adopted) this.#lost(code)
      else this.#probe = null
    }
    this.#probe?.close()
    try {
      this.#probe = this.#open.socket(() => this.#ports.hello(), { frame: heard, closed })
    } catch {
      this.#probe = null
    }
  }

  /** The socket works again: it takes over with its own welcome; what is unacknowledged is sent again on it. */
  #adopt(welcome: Incoming): void {
    const link = this.#probe
    this.#probe = null
    this.#hangUp()
    this.#link = link
    this.#become({ phase: 'connecting', transport: 'socket' })
    this.#heardFrame(welcome)
  }

  #hangUp(): void {
    for (const name of Object.keys(this.#timers)) this.#clear(name as TimerName)
    this.#link?.close()
    this.#probe?.close()
    this.#link = this.#probe = null
  }

  #timer(name: TimerName, ms: number, run: () => void): void {
    this.#clear(name)
    this.#timers[name] = this.#env.after(ms, () => (delete this.#timers[name], run()))
  }

  #clear(name: TimerName): void {
    this.#timers[name]?.()
    delete this.#timers[name]
  }

  #become(change: Partial<ConnectionState>): void {
    this.state = { ...this.state, ...change }
    this.#ports.changed(this.state)
  }
}
