import type zhCN from './zh-CN.ts'

const en: typeof zhCN = {
  product: 'Product',
  openProduct: 'Open the page of {title}',
  noPrice: 'No price',
  order: 'Order',
  total: 'Total',
  moreItems: '{n} more item | {n} more items',
  address: 'Buyer is asked to check the address',
  forOrder: 'Order {number}',
  asked: 'Not answered yet',
  confirmed: 'Confirmed by the buyer',
  change: 'Buyer wants a change',
  answered: { confirmed: 'The address is right', change: 'The address is to be changed' },
  nudge: 'The buyer asked for attention',
  image: 'Picture',
  openImage: 'View picture {name}',
  imageFailed: 'This picture did not open',
  again: 'Try again',
  download: 'Download {name}, {size}',
  fileGone: 'This file did not open',
  viewer: {
    title: 'Picture',
    of: '{n} of {all}',
    previous: 'Previous picture',
    next: 'Next picture',
    larger: 'Larger',
    smaller: 'Smaller',
    fit: 'Fit the window',
    turn: 'Turn right',
    save: 'Download the original',
    keys: 'Arrows change the picture, + and - the size, 0 fits, R turns',
  },
}

export default en
