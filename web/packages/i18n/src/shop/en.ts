/* The demonstration shop, in English. */
import type { ShopMessages } from './zh-CN.ts'

const messages: ShopMessages = {
  title: 'Qinghe Knits · demonstration shop',
  shop: 'Qinghe Knits',
  note: 'This is the demonstration shop: products and prices are invented. The window in the corner is what a buyer sees of xiaoer.',
  nav_new: 'New',
  nav_cardigans: 'Cardigans',
  nav_sweaters: 'Sweaters',
  nav_scarves: 'Scarves',
  nav_care: 'Care',
  phone: 'Phone page',
  other_language: '中文',
  kind: 'Wool and cotton, autumn and winter',
  product: 'Wheat-ear cardigan',
  price: '¥368',
  colour: 'Colour',
  colour_oat: 'Oat',
  colour_rain: 'Rain green',
  colour_brick: 'Terracotta',
  size: 'Size',
  sold_out: 'sold out',
  add: 'Add to bag',
  added: 'The demonstration shop sells nothing. Ask us instead',
  text: '65 % wool, 35 % cotton. Two rows of wheat ears run down the front, after the fields in autumn. The shoulders sit a little low, so a shirt fits beneath. Wash cold by hand, dry flat.',
  who_title: 'Ask as a regular customer',
  who_text: 'Give the number of an imported customer, and the agent sees the real orders of that customer beside the chat.',
  customer: 'Customer number',
  go: 'Continue as this customer',
  leave: 'Sign out',
  going: 'Checking…',
  done: 'You are customer {customer} now',
  left: 'You are an ordinary visitor now',
  no_demo: 'This server is not in demonstration mode, or there is no such customer',
  failed: 'The server did not answer, please try again',
}

export default messages
