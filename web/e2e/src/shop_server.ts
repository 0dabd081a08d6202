/** The real server as a process of its own: started on an empty database, killed, started again on the same data and port. */

import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freshDatabase, type Database, type Kind } from './databases.ts'

const START_MS_MAX = 60_000
const alive = new Set<ChildProcess>()

/** However we end, no server stays behind. */
process.on('exit', () => alive.forEach((child) => child.kill('SIGKILL')))

export class ShopServer {
  /** What it said, for when a journey fails. */
  said = ''
  port = 0
  #folder: string
  #database: Database
  #settings: Record<string, string>
  #verb: string[]
  #child: ChildProcess | null = null

  private constructor(folder: string, database: Database, settings: Record<string, string>, isEmpty: boolean) {
    this.#folder = folder
    this.#database = database
    this.#settings = settings
    this.#verb = isEmpty ? ['serve'] : ['serve', '--demo', '--demo-scale', 'small']
  }

  static async open(kind: Kind, settings: Record<string, string> = {}, isEmpty = false): Promise<ShopServer> {
    const [folder, database] = await Promise.all([mkdtemp(join(tmpdir(), 'xiaoer-journey-')), freshDatabase(kind)])
    const server = new ShopServer(folder, database, settings, isEmpty)
    await server.start()
    return server
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The first time on a free port, later on the same one. */
  async start(): Promise<void> {
    const child = spawn(binary(), this.#verb, { cwd: this.#folder, env: this.#environment(), stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    alive.add(child)
    child.on('exit', () => alive.delete(child))
    child.stderr.on('data', (chunk: Buffer) => (this.said += chunk))
    let printed = ''
    await new Promise<void>((ready, failed) => {
      const stop = (why: string) => failed(new Error(`the server ${why}; it said:\n${printed}${this.said}`))
      const timer = setTimeout(() => stop(`did not start within ${START_MS_MAX / 1000} s`), START_MS_MAX)
      child.on('error', (failure) => stop(`could not be started: ${failure.message}`))
      child.on('exit', (code) => (clearTimeout(timer), stop(`ended with ${code}`)))
      child.stdout.on('data', (chunk: Buffer) => {
        printed += chunk
        const [, port] = /desk\s+http:\/\/127\.0\.0\.1:(\d+)\/desk\/[^]*stops it/.exec(printed) ?? []
        if (!port) return
        clearTimeout(timer)
        this.port = Number(port)
        ready()
      })
    })
  }

  /** A verb of the same binary beside the running server. */
  async call(...words: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(binary(), words, { cwd: this.#folder, env: this.#environment() })
    return stdout
  }

  /** The key of the first visit, as whoever runs the server finds it. */
  async setupKey(): Promise<string> {
    return (await readFile(join(this.#folder, 'data', 'setup-key'), 'utf8')).trim()
  }

  /** As a power cut would: no farewell to anybody. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (!child || child.exitCode !== null) return
    const over = new Promise((done) => child.once('exit', done))
    child.kill('SIGKILL')
    await over
  }

  async close(): Promise<void> {
    await this.kill()
    await this.#database.remove()
    await rm(this.#folder, { recursive: true, force: true })
  }

  #environment(): NodeJS.ProcessEnv {
    const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('XIAOER_'))
    return {
      ...Object.fromEntries(ours),
      XIAOER_DATA: join(this.#folder, 'data'),
      XIAOER_LISTEN: `127.0.0.1:${this.port}`,
      ...this.#settings,
      ...(this.#database.url && { XIAOER_DATABASE_URL: this.#database.url }),
    }
  }
}

function binary(): string {
  const path = process.env.XIAOER_BIN ?? new URL('../../../target/debug/xiaoer', import.meta.url).pathname
  if (!existsSync(path)) throw new Error(`${path} does not exist; build the product, or name its binary in XIAOER_BIN`)
  return path
}
