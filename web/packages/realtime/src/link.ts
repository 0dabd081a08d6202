/* A way to the server. Two exist: the WebSocket, and the long poll that speaks the same frames over HTTP.
   What is above a link cannot tell which one it has. */

import { CLOSE, type Hello, type Incoming, type Outgoing } from './shapes.ts'

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

/** A link whose code is fetched when it is first opened. Without the code there is no link, as without a network. */
export function lazyLink(load: () => Promise<OpenLink>): OpenLink {
  return (hello, events) => {
    let link: Link | null = null
    let over = false
    load().then(
      (open) => {
        if (!over) link = open(hello, events)
      },
      () => over || events.closed(CLOSE.broken),
    )
    return {
      /* before the welcome there is nothing to send */
      send: (frame) => link?.send(frame),
      close() {
        over = true
        link?.close()
      },
    }
  }
}
