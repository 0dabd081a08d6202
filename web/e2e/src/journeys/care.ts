/** Around the talk: a buyer at night, on a bad network, behind a strict policy, inside WeChat; with a screen reader. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isAccessible } from '../axe.ts'
import type { Buyer } from '../buyer.ts'
import type { Journey } from '../journey.ts'
import { check, same, until } from '../until.ts'
import type { World } from '../world.ts'

const PHONE = { width: 390, height: 844 }
const WECHAT = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.50'
/** Kilobytes a second, and milliseconds to and fro, of the slowest network that phones still show. */
const SLOW = { offline: false, latency: 2_000, downloadThroughput: 20 * 1024, uploadThroughput: 10 * 1024 }

const night: Journey = {
  fact: 'a phone buyer writes without a network, leaves a message at night, is answered and rates the service once and again',
  async run(world) {
    const buyer = await world.buyerOnPhone({ who: 'buyer' })
    await agrees(buyer, false)
    await buyer.context.setOffline(true)
    await until('the bar that says so', () => buyer.window.getByText('网络断开了').isVisible())
    await buyer.say('晚上还有人吗')
    await same('it waits', () => buyer.stateOf('晚上还有人吗'), 'waiting')
    await buyer.context.setOffline(false)
    await until('it is delivered', async () => (await buyer.stateOf('晚上还有人吗')) === 'sent')

    await buyer.window.getByRole('button', { name: '给我们留言' }).click()
    const form = buyer.window.getByRole('dialog', { name: '给我们留个言' })
    await form.getByRole('radio', { name: '订单' }).click()
    await form.getByLabel('订单号（可不填）').fill('1118-0937')
    await form.getByLabel('想说的话').fill('地址写错了，是 12 号')
    await form.getByLabel('手机或邮箱，方便联系您（可不填）').fill('1385')
    await form.getByRole('button', { name: '留言', exact: true }).click()
    await until('the contact is refused', () => form.getByRole('alert').isVisible())
    await isAccessible(buyer.page, 'the form', 'xiaoer-chat')
    await form.getByLabel('手机或邮箱，方便联系您（可不填）').fill('138 1234 5620')
    await form.getByRole('button', { name: '留言', exact: true }).click()
    await form.waitFor({ state: 'detached' })
    await same('the message is in the talk', async () => (await buyer.talk()).at(-1), '买家: 地址写错了，是 12 号')
    await until('the line that names a time', async () => (await buyer.seen()).some(({ text }) => text.startsWith('留言已收到')))

    const agent = await world.agent('xiaoman')
    await agent.page.getByRole('navigation').getByText('留言').click()
    const left = agent.page.getByTestId('left-messages')
    await until('it stands in the list, once, with the number masked', async () => (await left.locator('li').count()) === 1 && (await left.textContent())?.includes('138******5620') === true)
    await left.getByTestId('reveal-phone').locator('button').first().click()
    await agent.at('menu-contact').click()
    await until('the number is shown', async () => (await left.textContent())?.includes('138 1234 5620') === true)
    await left.getByRole('button', { name: '我来负责' }).click()
    await until('somebody answers for it', () => left.getByText('小满 负责').isVisible())
    await left.getByRole('button', { name: '处理完了' }).click()
    await until('nothing is left to do', () => agent.page.getByText('没有留言').isVisible())
    await agent.page.getByTestId('left-done').click()
    await left.getByRole('button', { name: '去会话' }).click()
    await agent.at('take').click()
    await same('taken', () => agent.at('session-state').getAttribute('data-state'), 'mine')
    await agent.say('地址已改好')
    await agent.at('close').click()

    const rate = buyer.window.getByRole('region', { name: '这次服务怎么样？' })
    await rate.getByRole('radio', { name: '2 星' }).click()
    await rate.getByRole('button', { name: '回复慢' }).click()
    await isAccessible(buyer.page, 'the rating', 'xiaoer-chat')
    await rate.getByRole('button', { name: '提交评价' }).click()
    await until('thanks', () => rate.getByText('谢谢，您给了 2 星').isVisible())
    await rate.getByRole('button', { name: '修改' }).click()
    await rate.getByRole('radio', { name: '5 星' }).click()
    await rate.getByRole('button', { name: '提交评价' }).click()
    await until('the new stars', () => rate.getByText('谢谢，您给了 5 星').isVisible())
    await until('the desk was told', () => agent.page.getByText('买家评价：5 星').isVisible())
  },
}

const slow: Journey = {
  fact: 'on the slowest network a line that was typed, closed over and opened again is sent once',
  async run(world) {
    const buyer = await world.buyerAtShop({ who: 'buyer' })
    await buyer.open()
    const line = await buyer.context.newCDPSession(buyer.page)
    await line.send('Network.enable')
    await line.send('Network.emulateNetworkConditions', { ...SLOW, offline: true })
    await buyer.say('在路上写的')
    await buyer.close()
    await line.send('Network.emulateNetworkConditions', SLOW)
    await buyer.open()
    await until('it is delivered', async () => (await buyer.stateOf('在路上写的')) === 'sent')
    await line.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 })
    await buyer.reload()
    await same('once', () => buyer.talk(), ['买家: 在路上写的'])
  },
}

const strict: Journey = {
  fact: 'a page with the strictest content policy shows the window, its menus, its form and what the desk may know after a yes',
  async run(world) {
    const { origin } = world.server
    const page = await world.page({ who: 'buyer' }, { viewport: { width: 1280, height: 800 } })
    const policy = `default-src 'none'; script-src ${origin}; connect-src ${origin} ${origin.replace('http', 'ws')}; img-src ${origin}; require-trusted-types-for 'script'`
    const body = `<!doctype html><html lang="zh-CN"><title>围巾 - 别处的店</title><main><h1>围巾</h1></main><script src="${origin}/widget.js" data-shop="demo" async></script></html>`
    const shop = await otherSite(body, policy)
    try {
      await behind(world, await visitor(world, page, `${shop.origin}/p/1?from=mail`, 'corner'), shop.origin)
    } finally {
      shop.close()
    }
  },
}

async function behind(world: World, buyer: Buyer, origin: string): Promise<void> {
  await buyer.open()
  await agrees(buyer, true)
  await buyer.say('这条围巾有几个颜色')
  await isAccessible(buyer.page, 'the window', 'xiaoer-chat')
  await buyer.openMenu()
  await buyer.closeMenu()
  await buyer.window.getByRole('button', { name: '表情' }).click()
  await buyer.window.locator('.emoji button').first().click()
  await until('the sign is in the field', async () => (await buyer.field.inputValue()) === '😀')
  await buyer.window.getByRole('button', { name: '给我们留言' }).click()
  await buyer.window.getByRole('dialog', { name: '给我们留个言' }).waitFor()
  await buyer.page.keyboard.press('Escape')
  await buyer.window.getByRole('dialog', { name: '给我们留个言' }).waitFor({ state: 'detached' })
  check(await buyer.window.isVisible(), 'Escape closed the window with the form')

  const agent = await world.agent('xiaoman')
  const looked = () => agent.page.evaluate(async () => {
    const answer = await fetch('/api/v1/shops/demo/conversations?list=all')
    const { rows } = (await answer.json()) as { rows: { viewing?: { title: string; link?: string } }[] }
    return rows[0]?.viewing
  })
  await until('the desk knows the page', async () => (await looked())?.title === '围巾 - 别处的店')
  await same('without what stands behind the question mark', async () => (await looked())?.link, `${origin}/p/1`)
}

const wechat: Journey = {
  fact: 'in the browser of WeChat the back button closes the form, then the window, and only then leaves; no window opens',
  async run(world) {
    const page = await world.page({ who: 'buyer' }, { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2, userAgent: WECHAT })
    const buyer = await visitor(world, page, `${world.server.origin}/shop`, 'corner')
    let opened = 0
    page.context().on('page', () => opened++)
    await buyer.open()
    await agrees(buyer, false)
    const form = buyer.window.getByRole('dialog', { name: '给我们留个言' })
    await buyer.window.getByRole('button', { name: '给我们留言' }).click()
    await form.waitFor()
    await page.goBack()
    await form.waitFor({ state: 'detached' })
    check(await buyer.window.isVisible(), 'back closed the window with the form')
    await buyer.window.getByRole('button', { name: '给我们留言' }).click()
    await form.getByRole('button', { name: '关闭' }).click()
    await form.waitFor({ state: 'detached' })
    check(await buyer.window.isVisible(), 'closing the form closed the window')
    await page.goBack()
    await buyer.window.waitFor({ state: 'hidden' })
    same('still in the shop', () => Promise.resolve(new URL(page.url()).pathname), '/shop')
    await buyer.open()
    await buyer.openMenu()
    await buyer.window.getByRole('menuitem', { name: '在新页面打开' }).click()
    await page.waitForURL(/\/chat\/demo/)
    check(opened === 0, 'a second window was opened')
  },
}

const upgraded: Journey = {
  fact: 'a script that is older than the server fetches the new one once instead of asking for parts that are gone',
  async run(world) {
    const page = await world.page({ who: 'buyer' }, { viewport: { width: 1280, height: 800 } })
    let gone = 1
    await page.route(/widget-assets\/furnish-/, (route) => (gone-- > 0 ? route.fulfill({ status: 404, body: '' }) : route.continue()))
    const buyer = await visitor(world, page, `${world.server.origin}/shop`, 'corner')
    await page.locator('xiaoer-chat .launch').click()
    await until('the tools of the new script', () => buyer.window.getByRole('button', { name: '表情' }).isVisible())
    await buyer.say('换新了')
    await same('it talks', () => buyer.talk(), ['买家: 换新了'])
    check((await page.locator('xiaoer-chat').count()) === 1, 'two windows stand in the page')
  },
}

/** A shop's page at another origin than the chat's. */
async function otherSite(body: string, policy: string): Promise<{ origin: string; close(): void }> {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }
  const site = createServer((_, answer) => void answer.writeHead(200, headers).end(body))
  await new Promise<void>((ready) => site.listen(0, '127.0.0.1', ready))
  return { origin: `http://127.0.0.1:${(site.address() as AddressInfo).port}`, close: () => void site.close() }
}

async function visitor(world: World, page: Buyer['page'], address: string, where: 'corner' | 'page'): Promise<Buyer> {
  const buyer = world.buyerOn(page, where)
  await page.goto(address)
  return buyer
}

async function agrees(buyer: Buyer, yes: boolean): Promise<void> {
  const notice = buyer.window.getByRole('region', { name: '关于您的信息' })
  await notice.getByRole('button', { name: yes ? '同意' : '不用了，只聊天' }).click()
  await notice.waitFor({ state: 'hidden' })
}

export const care: Journey[] = [night, slow, strict, wechat, upgraded]
