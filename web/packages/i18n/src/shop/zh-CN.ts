/* The demonstration shop, in Chinese. */
const messages = {
  title: '青禾针织 · 演示店铺',
  shop: '青禾针织',
  note: '这里是演示店铺，商品和价格都是虚构的。右下角的窗口就是买家看到的店小二。',
  all: '全部',
  phone: '手机整页',
  other_language: 'English',
  lead: '慢一点织，久一点穿',
  lead_text: '六十样毛衣、围巾和袜子，都是我们自己画的。点开一件，再点右下角问问尺码。',
  count: '{n} 件',
  back: '回到全部',
  also: '也看看',
  colour: '颜色',
  size: '尺码',
  add: '加入购物袋',
  added: '演示店铺不卖东西，问问客服吧',
  text_knit: '肩线略低，里面能再穿一件衬衫。冷水手洗，平铺晾干。',
  text_care: '每次用一点就够。羊毛怕热，也怕使劲。',
  empty: '货架暂时空着。这台服务器还没有建演示店铺。',
  loading: '正在把货摆上架…',
  who_title: '以老顾客的身份来问',
  who_text: '填一个已导入的顾客编号，客服那边就能看到这位顾客真实的订单。',
  customer: '顾客编号',
  go: '以此身份继续',
  as_wang: '王小姐',
  as_chen: '陈先生',
  as_zhou: '周晚晴',
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
