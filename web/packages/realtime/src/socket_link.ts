/* Frames over a WebSocket. */

import type { Environment } from './environment.ts'
import type { OpenLink } from './link.ts'
import { CLOSE, type Incoming, type Outgoing } from './shapes.ts'

export function socketLink(env: Environment, url: string): OpenLink {
  return (hello, events) => {
    let over = false
    const socket = env.openSocket(url.replace(/^http/, 'ws'))
    const send = (frame: Outgoing) => socket.send(JSON.stringify(frame))
    const end = (code: number) => {
      if (over) return
      over = true
      events.closed(code)
    }
    socket.onopen = () => over || send(hello())
    socket.onmessage = (event) => {
      if (over) return
      let frame: Incoming
      try {
        frame = JSON.parse(String(event.data)) as Incoming
      } catch {
        socket.close()
        return end(CLOSE.broken)
      }
      events.frame(frame)
    }
    socket.onclose = (event) => end(event.code)
    return {
      send,
      close() {
        over = true
        socket.close()
      },
    }
  }
}
