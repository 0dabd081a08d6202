/* A way to the server. Two exist: the WebSocket, and the long poll that speaks the same frames over HTTP.
   What is above a link cannot tell which one it has. */

import type { Hello, Incoming, Outgoing } from './shapes.ts'

export interface Link {
  send(frame: Outgoing): void
  /** Ends it without reporting `closed`. */
  close(): void
}

export interface LinkEvents {
  frame(frame: Incoming): void
  /** Once, when it ended by itself. */
  closed(code: number): void
}

/** `hello` is asked at the moment it is sent, so that it carries the newest `after`. */
export type OpenLink = (hello: () => Hello, events: LinkEvents) => Link
