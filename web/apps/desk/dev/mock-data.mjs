// A small shop to work against while no server runs: buyers, talks and orders, all invented.

const MINUTE = 60_000_000
const SECOND = 1_000_000
const DAY = 24 * 60 * MINUTE

export const micros = () => Date.now() * 1000

export const accounts = [
  { id: 'acc_xiaoman', name: '小满', login: 'xiaoman', state: 'available' },
  { id: 'acc_guyu', name: '谷雨', login: 'guyu', state: 'available' },
  { id: 'acc_bailu', name: '白露', login: 'bailu', state: 'away' },
]

export const shops = [
  { key: 'demo', name: '苔原针织', currency: 'CNY', zone: 'Asia/Shanghai', roles: ['agent'], wait_seconds: [30, 100, 180] },
  { key: 'gift', name: 'Gift & Home', currency: 'GBP', zone: 'Europe/London', roles: ['agent'], wait_seconds: [30, 100, 180] },
]

export const limits = {
  text_chars_max: 2000,
  frame_bytes_max: 16384,
  page_entries_max: 200,
  recall_seconds_max: 120,
  sends_per_second: 30,
  watched_max: 32,
}

const me = accounts[0]
const other = accounts[1]

// [name, waiting seconds or null, who, last lines]
const talks = [
  ['小鱼干 Fish', 192, 'mine', ['我的退款到哪一步了', '都三天了退款还没到，再不回我就找平台了']],
  ['林间有鹿', 112, 'mine', ['上次那件袖口有点起球，这件会吗？', '先拍了。能赶上明天发吗？周六要穿去见朋友']],
  ['豆豆妈', 47, 'mine', ['宝宝身高 96，平时穿 100，这个帽子要多大']],
  ['momo', 36, 'mine', ['新客有券吗']],
  ['周先生 1982', 18, 'mine', ['发票抬头又开错了']],
  ['半糖去冰', 6, 'mine', ['在吗，想问下雾蓝那条']],
  ['一只橘猫', null, 'mine', ['好的，那我等仓库消息']],
  ['阿 May 在杭州', null, 'mine', ['地址是余杭区，别写错啦']],
  ['山海', null, 'mine', ['我再比较一下，晚点来']],
  ['木子李', null, 'mine', ['退货已寄出，单号 YT88402716']],
  ['Echo_27', null, 'mine', ['Is the wool one machine washable?']],
  ['圆圆的月亮', null, 'mine', ['燕麦色 S 到货告诉我']],
  ['栗子不加糖', null, 'mine', ['换货的那件收到了，很合适']],
  ['橙子汽水', null, 'mine', ['已付款，谢谢小满']],
  [null, 133, 'queue', ['你好，有人吗']],
  ['南山种豆', 74, 'queue', ['这个颜色还补货吗']],
  ['A very long buyer name that never seems to end at all', 21, 'queue', ['Hello! Do you ship to Ireland, and how long would it take for a parcel to arrive in Galway?']],
  ['老李头', null, 'other', ['电话打不通，麻烦再拨一次']],
]

const chat = [
  ['buyer', '又来啦。我 165、58 公斤，这件穿 M 还是 L？'],
  ['agent', '欢迎回来～您上次的毛衣 M 刚好，这款也选 M 更利落。'],
  ['buyer', '好的，那颜色呢，燕麦和雾蓝哪个显白'],
  ['agent', '雾蓝更显白一些，燕麦更百搭。\n如果衣柜里浅色裤子多，选雾蓝会更好搭。'],
]

function item(sku, title, quantity, unit, extra = {}) {
  return { sku, title, quantity, unit_price: unit, amount: unit * quantity, refunded_quantity: 0, ...extra }
}

function ordersFor(index, now) {
  if (index % 4 === 3) return []
  const list = [
    order(index, 1, 'unpaid', now - 8 * MINUTE, [item('KC-21-L', '翻领羊毛开衫 燕麦色 L', 1, 32900)]),
    order(index, 2, 'shipped', now - 6 * DAY, [item('SC-07', '雾蓝围巾', 1, 18900), item('GT-01', '毛球修剪器（赠品）', 1, 0)]),
    order(index, 3, 'partly_refunded', now - 30 * DAY, [
      item('SW-11-M', '麻花圆领毛衣 M', 1, 29900),
      item('HT-03', '宝宝针织帽 52 cm', 2, 6950, { refunded_quantity: 1 }),
    ], [{ number: 'R-2041', at: now - 28 * DAY, amount: -6950, quantity: 1, sku: 'HT-03' }]),
  ]
  const gift = order(index, 4, 'completed', Date.parse('2010-12-01T08:26:00Z') * 1000, [
    item('85123A', 'WHITE HANGING HEART T-LIGHT HOLDER', 6, 255),
    item('71053', 'WHITE METAL LANTERN', 6, 339),
    item('84406B', 'CREAM CUPID HEARTS COAT HANGER', 8, 275),
    item('22752', 'SET 7 BABUSHKA NESTING BOXES', 2, 765, { unit_price_exact: '7.655', amount: 1531 }),
    item('21730', 'GLASS STAR FROSTED T-LIGHT HOLDER', 6, 425),
  ])
  gift.currency = 'GBP'
  gift.number = '536365'
  return index === 1 ? [...list, gift, ...older(index, now)] : [...list.slice(0, 1 + (index % 3)), gift]
}

function older(index, now) {
  return Array.from({ length: 30 }, (_, n) =>
    order(index, 10 + n, n % 5 === 0 ? 'refunded' : 'completed', now - (60 + n * 9) * DAY, [
      item('SK-02', '羊毛混纺阔腿裤 炭灰 M', 1, 25900),
    ]),
  )
}

function order(index, n, state, placed_at, items, refunds = []) {
  const total = items.reduce((sum, one) => sum + one.amount, 0)
  const refunded = refunds.reduce((sum, one) => sum - one.amount, 0)
  const number = `${1118 - n}-${String(900 + index * 37 + n).padStart(4, '0')}`
  return { id: `ord_${index}_${n}`, number, state, placed_at, currency: 'CNY', total, refunded, items, refunds }
}

export function makeConversations(extra = 0) {
  const now = micros()
  const all = talks.map((talk, index) => makeConversation(talk, index, now))
  for (let n = 0; n < extra; n += 1) {
    const name = `老客 ${String(n + 1).padStart(3, '0')}`
    all.push(makeConversation([name, null, 'closed', ['下次再来']], talks.length + n, now - (n + 1) * 37 * MINUTE))
  }
  return new Map(all.map((one) => [one.id, one]))
}

function makeConversation([name, waited, who, last], index, now) {
  const conversation = {
    id: `cnv_${String(index).padStart(4, '0')}`,
    buyer: {
      id: `byr_${index}`,
      name: name ?? '',
      ref: name && index % 3 !== 2 ? String(17850 + index) : null,
      identified: Boolean(name && index % 3 !== 2),
    },
    buyerLane: [],
    staffLane: [],
    marks: { buyer: 0, staff: 0 },
    session: null,
    waiting_since: null,
    orders: ordersFor(index, now),
    ids: new Map(),
  }
  const started = now - 40 * MINUTE - index * MINUTE
  const say = (side, text, at) => push(conversation, side, text, at, side === 'agent' ? me : null)
  if (index === 1) for (let n = 0; n < 320; n += 1) say(n % 2 ? 'agent' : 'buyer', n % 2 ? `好的，第 ${n + 1} 句` : `以前的第 ${n + 1} 句话`, started - 3 * DAY + n * 9 * MINUTE)
  conversation.session = session(conversation, who, started)
  if (who !== 'queue') {
    pushEntry(conversation, 'buyer', { kind: 'transfer', code: 'assigned', params: { agent: (who === 'other' ? other : me).name, why: 'least_loaded' }, by: { side: 'system' }, at: started + SECOND })
    chat.slice(0, index === 1 ? 4 : 2).forEach(([side, text], n) => say(side, text, started + (n + 1) * 2 * MINUTE))
  }
  const first = waited === null ? started + 12 * MINUTE : now - waited * SECOND
  last.forEach((text, n) => say('buyer', text, first + n * SECOND))
  if (index === 1) pushEntry(conversation, 'staff', { kind: 'message', message: 'human', text: '袖口起球已记质量簿，可送修剪器。这款含 30% 腈纶，别答应「不起球」。', by: { side: 'agent', id: 'acc_bailu', name: '白露' }, at: first + SECOND / 2 })
  if (waited === null) say('agent', '好的，有消息第一时间告诉您。', first + MINUTE)
  conversation.waiting_since = waited === null ? null : first
  conversation.marks = { buyer: conversation.buyerLane.length, staff: waited === null ? conversation.buyerLane.length : conversation.buyerLane.length - last.length }
  if (who === 'closed') pushEntry(conversation, 'buyer', { kind: 'close', code: 'closed_by_silence', params: { minutes: 30 }, by: { side: 'system' }, at: first + 31 * MINUTE })
  return conversation
}

function session(conversation, who, at) {
  pushEntry(conversation, 'buyer', { kind: 'open', code: 'session_opened', params: {}, by: { side: 'system' }, at })
  const agent = who === 'mine' || who === 'closed' ? me : who === 'other' ? other : null
  return {
    id: `ses_${conversation.id}`,
    state: who === 'closed' ? 'closed' : agent ? 'active' : 'queued',
    agent: agent && { id: agent.id, name: agent.name },
    opened_at: at,
    why: agent ? { code: 'least_loaded', params: {} } : { code: 'nobody_available', params: {} },
  }
}

function push(conversation, side, text, at, account) {
  const by = account ? { side, id: account.id, name: account.name } : { side }
  return pushEntry(conversation, 'buyer', { kind: 'message', message: 'human', text, by, at })
}

export function pushEntry(conversation, lane, entry) {
  const log = lane === 'staff' ? conversation.staffLane : conversation.buyerLane
  const full = { lane, seq: log.length + 1, at: micros(), session: conversation.session?.id, ...entry }
  log.push(full)
  return full
}

export function rowOf(conversation) {
  const last = conversation.buyerLane.at(-1)
  const from = conversation.marks.staff
  const unread = conversation.buyerLane.filter((e) => e.seq > from && e.by.side === 'buyer' && e.kind === 'message').length
  return {
    conversation: conversation.id,
    buyer: conversation.buyer,
    last: { seq: last.seq, at: last.at, side: last.by.side, kind: last.kind, preview: last.text ?? '', code: last.code },
    unread,
    waiting_since: conversation.waiting_since,
    session: conversation.session,
    marks: conversation.marks,
    last_seq: conversation.buyerLane.length,
    staff_seq: conversation.staffLane.length,
  }
}
