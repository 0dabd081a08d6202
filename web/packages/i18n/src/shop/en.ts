/* The demonstration shop, in English. */
import type { ShopMessages } from './zh-CN.ts'

const messages: ShopMessages = {
  title: 'Qinghe Knits · demonstration shop',
  shop: 'Qinghe Knits',
  note: 'This is the demonstration shop: products and prices are invented. The window in the corner is what a buyer sees of xiaoer.',
  all: 'Everything',
  phone: 'Phone page',
  other_language: '中文',
  lead: 'Knitted slowly, worn for long',
  lead_text: 'Sixty sweaters, scarves and socks, all of them drawn. Open one, then ask about the size in the corner.',
  count: '{n} things',
  back: 'Back to everything',
  also: 'Have a look at these',
  colour: 'Colour',
  size: 'Size',
  add: 'Add to bag',
  added: 'The demonstration shop sells nothing. Ask us instead',
  text_knit: 'The shoulders sit a little low, so a shirt fits beneath. Wash cold by hand, dry flat.',
  text_care: 'A little is enough each time. Wool minds heat and force.',
  empty: 'The shelves are empty. This server has no demonstration shop yet.',
  loading: 'Filling the shelves…',
  who_title: 'Ask as a regular customer',
  who_text: 'Give the number of an imported customer, and the agent sees the real orders of that customer beside the chat.',
  customer: 'Customer number',
  go: 'Continue as this customer',
  as_wang: 'Ms Wang',
  as_chen: 'Mr Chen',
  as_zhou: 'Zhou Wanqing',
  leave: 'Sign out',
  going: 'Checking…',
  done: 'You are customer {customer} now',
  left: 'You are an ordinary visitor now',
  no_demo: 'This server is not in demonstration mode, or there is no such customer',
  failed: 'The server did not answer, please try again',
}

export default messages
