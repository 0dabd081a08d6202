/** Who serves whom: nobody there, taking, handing over, closing, coming back. */

import type { Buyer } from '../buyer.ts'
import type { Journey } from '../journey.ts'
import { check, same, until } from '../until.ts'

const NOTICE = '现在没有客服在。您的话已经留下，上班后答复您。'

const nobody: Journey = {
  fact: 'with nobody on duty a buyer leaves a message, is told so once, and the next agent who comes answers',
  async run(world) {
    const buyer = await world.buyerAtShop({ who: 'buyer' })
    await buyer.open()
    await until('the header to say that nobody is there', () => buyer.window.getByText('客服不在，可以留言').isVisible())
    await buyer.say('想换小一号')
    await until('the notice', async () => (await notices(buyer)) === 1)
    await buyer.say('订单号晚点发您')
    await same('both lines delivered', () => buyer.talk(), ['买家: 想换小一号', '买家: 订单号晚点发您'])

    const agent = await world.agent('xiaoman')
    await same('nothing is given to who is away', () => agent.at('tab-mine').textContent(), '我的 0')
    await agent.list('left')
    await agent.row('访客').waitFor()
    await agent.become('available')
    await agent.list('mine')
    await agent.open('访客')
    await same('it is mine', () => agent.at('session-state').getAttribute('data-state'), 'mine')
    await until('the header to name the agent', async () => (await buyer.window.locator('header b').textContent()) === '小满')
    await agent.say('早，看到您的留言了')
    await same('the answer', async () => (await buyer.talk()).at(-1), '客服: 早，看到您的留言了')
    await buyer.say('太好了')
    await until('the line at the desk', async () => (await agent.talk()).at(-1) === '买家: 太好了')
    check((await notices(buyer)) === 1, 'the notice came more than once')
    await buyer.reload()
    await same('once after a reload too', () => notices(buyer), 1)
  },
}

async function notices(buyer: Buyer): Promise<number> {
  return (await buyer.seen()).filter(({ text }) => text.includes(NOTICE)).length
}

const handOver: Journey = {
  fact: 'an agent takes a buyer who waits, hands over with a note that the buyer never gets, and a colleague closes',
  async run(world) {
    const first = await world.agent('xiaoman')
    const second = await world.agent('guyu')
    const buyer = await world.buyerAtShop({ who: 'buyer' })
    const heard: string[] = []
    buyer.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => void heard.push(String(payload))))
    await buyer.open()
    await buyer.say('我要退货')

    await first.list('left')
    await first.open('访客')
    await same('it waits', () => first.at('session-state').getAttribute('data-state'), 'queued')
    check(await first.at('composer-blocked').isVisible(), 'the composer does not say that it must be taken first')
    await first.at('take').click()
    await same('taken', () => first.at('session-state').getAttribute('data-state'), 'mine')
    await first.say('我帮您转给售后')
    await second.become('available')

    await first.at('hand-over').click()
    await first.at('hand-over-panel').getByRole('radio', { name: '谷雨' }).click()
    await first.at('hand-over-note').fill('客人很急，先退运费')
    await first.at('hand-over-submit').click()
    await second.at('transfer-accept').click()
    await same('it is with the colleague', () => first.at('session-state').getAttribute('data-state'), 'other')
    await second.open('访客')
    await same('the note at the desk of the colleague', () => second.notes(), ['客人很急，先退运费'])
    await until('the header to name the colleague', async () => (await buyer.window.locator('header b').textContent()) === '谷雨')

    await second.note('已核对订单')
    await same('the second note with the first agent', () => first.notes(), ['客人很急，先退运费', '已核对订单'])
    await second.say('您好，运费已退')
    await same('the talk in the window', () => buyer.talk(), ['买家: 我要退货', '客服: 我帮您转给售后', '客服: 您好，运费已退'])

    await second.at('close').click()
    await same('closed', () => second.at('session-state').getAttribute('data-state'), 'closed')
    await until('the buyer is told', async () => (await buyer.seen()).some(({ text }) => text.includes('本次服务结束')))
    await buyer.say('还有一件也要退')
    await same('who served last gets it again', () => second.at('session-state').getAttribute('data-state'), 'mine')
    await until('the line at the desk', async () => (await second.talk()).at(-1) === '买家: 还有一件也要退')
    await buyer.reload()
    await same('everything after coming back', () => buyer.talk(), [
      '买家: 我要退货', '客服: 我帮您转给售后', '客服: 您好，运费已退', '买家: 还有一件也要退',
    ])
    check(heard.length > 0, 'no frame of the buyer was overheard')
    const leaked = heard.filter((frame) => /先退运费|已核对订单|staff_seq/.test(frame))
    check(leaked.length === 0, `the buyer was sent what only staff may know: ${leaked[0]}`)
  },
}

export const duty: Journey[] = [nobody, handOver]
