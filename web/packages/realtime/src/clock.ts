/* The server's clock as seen from here. Durations on screen are measured against it, not against the device. */

import type { Environment } from './environment.ts'

export class ServerClock {
  #env: Environment
  #offset_us = 0

  constructor(env: Environment) {
    this.#env = env
  }

  /** Takes `now` of an answer. Half a round trip of error does not matter for minutes on screen. */
  learn(now_us: number): void {
    if (now_us > 0) this.#offset_us = now_us - this.#env.now() * 1000
  }

  /** Microseconds since 1970 by the server's clock. */
  now(): number {
    return this.#env.now() * 1000 + this.#offset_us
  }
}
