/* The demonstration shop, in Chinese. */
const messages = {
  title: '青禾针织 · 演示店铺',
  shop: '青禾针织',
  note: '这里是演示店铺，商品和价格都是虚构的。右下角的窗口就是买家看到的店小二。',
  nav_new: '新到',
  nav_cardigans: '开衫',
  nav_sweaters: '毛衣',
  nav_scarves: '围巾',
  nav_care: '洗护',
  phone: '手机整页',
  other_language: 'English',
  kind: '羊毛与棉混纺，秋冬',
  product: '麦穗纹开衫',
  price: '¥368',
  colour: '颜色',
  colour_oat: '燕麦色',
  colour_rain: '雨青色',
  colour_brick: '陶土色',
  size: '尺码',
  sold_out: '已售完',
  add: '加入购物袋',
  added: '演示店铺不卖东西，问问客服吧',
  text: '65% 羊毛，35% 棉。前襟两列麦穗花，是照着秋天田埂织的。肩线略低，里面能再穿一件衬衫。冷水手洗，平铺晾干。',
  who_title: '以老顾客的身份来问',
  who_text: '填一个已导入的顾客编号，客服那边就能看到这位顾客真实的订单。',
  customer: '顾客编号',
  go: '以此身份继续',
  leave: '退出身份',
  going: '正在确认…',
  done: '现在是顾客 {customer}',
  left: '现在是普通访客',
  no_demo: '这台服务器没有开演示模式，或没有这位顾客',
  failed: '没有连上服务器，请稍后再试',
}

export type ShopKey = keyof typeof messages
export type ShopMessages = Record<ShopKey, string>

export default messages as ShopMessages
