/** What may stand between people and the server: a plain TCP proxy that can refuse WebSockets, or everything. */

import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

const UPGRADE = /^GET (\S+) HTTP[^]*\r\nupgrade: websocket/i
const REFUSAL = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

export class Gateway {
  origin = ''
  #to: number
  #server: Server
  #refuses: 'nothing' | 'sockets' | 'everything' = 'nothing'
  #open = new Set<Socket>()
  /** Paths of the WebSockets that stand. */
  #sockets = new Map<Socket, string>()

  private constructor(port: number) {
    this.#to = port
    this.#server = createServer((client) => this.#accept(client))
  }

  static async before(port: number): Promise<Gateway> {
    const gateway = new Gateway(port)
    await new Promise<void>((ready) => gateway.#server.listen(0, '127.0.0.1', ready))
    gateway.origin = `http://127.0.0.1:${(gateway.#server.address() as AddressInfo).port}`
    return gateway
  }

  /** From now on no WebSocket comes through, and those that stand are cut. */
  refuseSockets(): void {
    this.#refuses = 'sockets'
    for (const socket of this.#sockets.keys()) socket.destroy()
  }

  refuseEverything(): void {
    this.#refuses = 'everything'
    for (const socket of this.#open) socket.destroy()
  }

  letThrough(): void {
    this.#refuses = 'nothing'
  }

  /** How many WebSockets of one side stand. */
  sockets(side: 'widget' | 'desk'): number {
    return [...this.#sockets.values()].filter((path) => path.startsWith(`/ws/${side}/`)).length
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#open) socket.destroy()
  }

  #accept(client: Socket): void {
    if (this.#refuses === 'everything') return void client.destroy()
    this.#hold(client)
    client.once('data', (first) => {
      const [, path] = UPGRADE.exec(first.toString('latin1')) ?? []
      if (path && this.#refuses !== 'nothing') return void client.end(REFUSAL)
      const server = connect(this.#to, '127.0.0.1')
      this.#hold(server)
      if (path) this.#sockets.set(client, path)
      server.write(first)
      client.pipe(server).pipe(client)
      client.on('close', () => server.destroy())
      server.on('close', () => client.destroy())
    })
  }

  #hold(socket: Socket): void {
    this.#open.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#open.delete(socket)
      this.#sockets.delete(socket)
    })
  }
}
