/** Twenty buyers, three agents and a supervisor: who waits sees the place, and what is steered holds at once. */

import type { Locator } from 'playwright-core'
import type { Agent } from '../agent.ts'
import type { Journey } from '../journey.ts'
import { check, same, until } from '../until.ts'
import type { World } from '../world.ts'

const CAP = 2

interface OnWall {
  id: string
  name: string
  load: number
  cap: number
  own_cap: number
  weight: number
}

interface Wall {
  queued: number
  agents: OnWall[]
  queue: { conversation: string; code: string }[]
}

/** Calls as the person who is signed in on the page. */
async function call<T>(of: Agent, method: string, path: string, body?: object): Promise<T> {
  return of.page.evaluate(
    async ([method, path, body]) => {
      const init = body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}
      const answer = await fetch(`/api/v1/shops/demo${path}`, { method, ...init })
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
      return answer.json()
    },
    [method, path, body] as const,
  ) as Promise<T>
}

/** A buyer without a browser: comes, says one line, waits. */
async function scripted(world: World, number: number): Promise<string> {
  const widget = `${world.server.origin}/api/v1/widget/demo`
  const post = async (path: string, body: object, token?: string) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Visitor ${token}` }) }
    const answer = await fetch(`${widget}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    check(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`)
    return (await answer.json()) as { token: string; conversation: string }
  }
  const { token, conversation } = await post('/hello', { lang: 'zh-CN' })
  await post('/entries', { client_id: `scripted.${number}`, text: `在吗 ${number}` }, token)
  return conversation
}

const peak: Journey = {
  fact: 'twenty buyers queue and see their place, and what the supervisor steers on the wall holds at once',
  async run(world) {
    const lead = await world.agent('xiaoxue')
    const agents = [await world.agent('xiaoman'), await world.agent('guyu'), await world.agent('bailu')]
    const wall = () => call<Wall>(lead, 'GET', '/wall')
    const { agents: people } = await wall()
    const of = (name: string) => people.find((one) => one.name === name)!
    for (const one of people) await call(lead, 'PUT', `/agents/${one.id}/steering`, { cap: CAP })
    for (const agent of agents) await agent.become('available')
    const came: string[] = []
    for (let n = 1; n <= 18; n++) came.push(await scripted(world, n))
    await same('six have a seat each', async () => (await wall()).agents.map((one) => one.load).sort(), [...people.slice(3).map(() => 0), 2, 2, 2])

    const buyer = await world.buyerAtShop({ who: 'nineteenth' })
    await buyer.open()
    await buyer.say('我也来问问')
    const twentieth = await scripted(world, 20)
    const place = () => buyer.window.locator('.queue b').textContent()
    await same('the place of the nineteenth', place, '您排在第 13 位')

    await lead.page.goto(`${world.server.origin}/desk/#/demo/wall`)
    await same('the wall counts', async () => parseInt((await lead.at('wall-queued').textContent()) ?? ''), 14)
    const row = (name: string): Locator => lead.at(`wall-${of(name).id}`)
    const queued = async (n: number) => (await wall()).queued === n
    await row('小满').getByTestId('cap-more').click()
    await until('one seat more takes the first in line', () => queued(13))
    const first = await call<{ session: { agent: { name: string } } }>(lead, 'GET', `/conversations/${came[6]}`)
    check(first.session.agent.name === '小满', 'the seventh to come was not the next to be served')
    await same('everybody moves up', place, '您排在第 12 位')

    // Paused, a seat that frees stays free.
    await row('谷雨').getByRole('button', { name: '停分' }).click()
    await row('谷雨').getByRole('button', { name: '恢复' }).waitFor()
    await agents[1]!.list('mine')
    await agents[1]!.at('list').locator('[role=option]').first().click()
    await agents[1]!.at('close').click()
    await same('the seat of who is paused stays free', async () => (await wall()).agents.find((one) => one.name === '谷雨')?.load, 1)
    check(await queued(13), 'somebody was given to who is paused')
    await row('谷雨').getByRole('button', { name: '恢复' }).click()
    await until('a pause that ends gives the seat to the next', () => queued(12))

    // Handed to a group whose people are busy, a buyer waits there and is the first to get a seat of it.
    const { groups } = await call<{ groups: { id: string; name: string }[] }>(lead, 'POST', '/groups', {
      name: '投诉', stage: null, strategy: 'least_loaded', last_agent_first: true, members: [of('白露').id],
    })
    await call(lead, 'POST', `/conversations/${came[6]}/hand-to-group`, { group: groups[0]!.id, note: '请优先' })
    await call(lead, 'PUT', `/agents/${of('白露').id}/steering`, { cap: CAP + 1 })
    const who = () => call<{ session: { agent: { name: string } | null } }>(lead, 'GET', `/conversations/${came[6]}`).then((seen) => seen.session.agent?.name)
    await same('it is with the group', who, '白露')
    await same('its note is there', async () => (await call<{ entries: { text: string }[] }>(lead, 'GET', `/conversations/${came[6]}/entries?lane=staff`)).entries.map((entry) => entry.text), ['请优先'])

    // Room for everybody: the queue is empty, and the buyer sees who serves.
    for (const name of ['小满', '谷雨', '白露']) await call(lead, 'PUT', `/agents/${of(name).id}/steering`, { cap: 10 })
    await same('nobody queues', async () => parseInt((await lead.at('wall-queued').textContent()) ?? ''), 0)
    await until('the buyer sees who serves', async () => ['小满', '谷雨', '白露'].includes((await buyer.window.locator('header b').textContent()) ?? ''))
    check(!(await buyer.window.locator('.queue').isVisible()), 'the queue is still shown')
    const loads = (await wall()).agents.map((one) => one.load).filter((load) => load > 0)
    await same('all twenty but the one that was closed', () => loads.reduce((sum, load) => sum + load, 0), 19)
    check((await call<{ session: { state: string } }>(lead, 'GET', `/conversations/${twentieth}`)).session.state === 'active', 'the last one was forgotten')
  },
}

export const routing: Journey[] = [peak]
