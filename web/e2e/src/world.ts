/** What a journey is given: a fresh shop, and people who open browsers. Remembers everything that helps when it fails. */

import { mkdir, writeFile } from 'node:fs/promises'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { Agent, type Login } from './agent.ts'
import { Buyer } from './buyer.ts'
import type { Kind } from './databases.ts'
import { Gateway } from './gateway.ts'
import { ShopServer } from './shop_server.ts'

const OUT = new URL('../out/', import.meta.url).pathname
const DESK = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }
export const STEP_MS_MAX = 25_000

export interface Person {
  /** Appears in file names. */
  who: string
  lang?: 'zh-CN' | 'en'
  /** Another way in than the server's own port. */
  origin?: string
  /** Time that the journey can turn forward. */
  own_clock?: boolean
  dark?: boolean
}

export class World {
  readonly kind: Kind
  readonly server: ShopServer
  #browser: Browser
  #pages: { who: string; page: Page; log: string[] }[] = []
  #broken: string[] = []
  #contexts: BrowserContext[] = []
  #gateways: Gateway[] = []

  private constructor(kind: Kind, server: ShopServer, browser: Browser) {
    this.kind = kind
    this.server = server
    this.#browser = browser
  }

  static async open(kind: Kind, browser: Browser, settings: Record<string, string> = {}, isEmpty = false): Promise<World> {
    return new World(kind, await ShopServer.open(kind, settings, isEmpty), browser)
  }

  /** At a computer, on the shop's page, with the window in its corner closed. */
  async buyerAtShop(person: Person): Promise<Buyer> {
    const page = await this.page(person, { viewport: DESK })
    const buyer = new Buyer(page, 'corner')
    await page.goto(`${this.#originOf(person)}/shop`)
    return buyer
  }

  /** On a phone, in the page that is only the chat. */
  async buyerOnPhone(person: Person): Promise<Buyer> {
    const page = await this.page(person, { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 })
    const buyer = new Buyer(page, 'page')
    await page.goto(`${this.#originOf(person)}/chat/demo`)
    await buyer.isReady()
    return buyer
  }

  /** A page that a journey made itself, with the window in it. */
  buyerOn(page: Page, where: 'corner' | 'page'): Buyer {
    return new Buyer(page, where)
  }

  /** Signed in at the desk; `away` until told otherwise. */
  async agent(login: Login, person: Omit<Person, 'who'> = {}, state = 'ready'): Promise<Agent> {
    const page = await this.page({ who: login, ...person }, { viewport: DESK })
    const agent = new Agent(page, login)
    await page.goto(`${this.#originOf(person)}/desk/`)
    await agent.signIn()
    await agent.isConnected(state)
    return agent
  }

  async page(person: Person, options: BrowserContextOptions): Promise<Page> {
    const context = await this.#browser.newContext({
      locale: person.lang ?? 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      colorScheme: person.dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
      ...options,
    })
    context.setDefaultTimeout(STEP_MS_MAX)
    this.#contexts.push(context)
    if (person.own_clock) await context.clock.install()
    const page = await context.newPage()
    const log: string[] = []
    const { who } = person
    this.#pages.push({ who, page, log })
    page.on('console', (message) => {
      log.push(`${message.type()}: ${message.text()}`)
      if (/Content Security Policy/.test(message.text())) this.#broken.push(`${who}: ${message.text()}`)
    })
    page.on('pageerror', (error) => {
      log.push(`uncaught: ${error.stack ?? error.message}`)
      this.#broken.push(`${who}: uncaught ${error.message}`)
    })
    page.on('requestfailed', (request) => log.push(`failed: ${request.method()} ${request.url()} ${request.failure()?.errorText}`))
    return page
  }

  /** A way to the server that can be closed. */
  async gateway(): Promise<Gateway> {
    const gateway = await Gateway.before(this.server.port)
    this.#gateways.push(gateway)
    return gateway
  }

  /** A journey in which a page threw has failed, whatever it looked like. */
  isSound(): void {
    if (this.#broken.length) throw new Error(this.#broken.join('\n'))
  }

  async keepEvidence(name: string): Promise<void> {
    await mkdir(OUT, { recursive: true })
    const stem = `${OUT}${name}`
    await writeFile(`${stem}.server.log`, this.server.said)
    for (const { who, page, log } of this.#pages) {
      await writeFile(`${stem}.${who}.log`, `${page.url()}\n${log.join('\n')}\n`)
      await page.screenshot({ path: `${stem}.${who}.png`, timeout: 5_000 }).catch(() => undefined)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close().catch(() => undefined)))
    this.#gateways.forEach((gateway) => gateway.close())
    await this.server.close()
  }

  #originOf({ origin }: Pick<Person, 'origin'>): string {
    return origin ?? this.server.origin
  }
}
