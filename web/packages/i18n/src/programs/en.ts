import type zhCN from './zh-CN.ts'

const en: typeof zhCN = {
  keys: 'API keys',
  keysText: 'Your own site brings orders in with a key. How to call it is in the document ORDERS-API.',
  name: 'What the key is for',
  make: 'Make a key',
  once: 'The key is shown only this once. Keep it now.',
  kept: 'I have kept it',
  failed: 'The keys did not load',
  none: 'There is no key yet.',
  made: 'made {date}',
  used: 'last used {time}',
  unused: 'never used',
  revoked: 'revoked {date}',
  revoke: 'Revoke',
  revokeAsk: 'Revoke “{name}”? Programs that use it can bring no more orders at once.',
  hook: 'Signed hook',
  hookText: 'A system that cannot send a key sends orders to this address, signed with the secret below.',
  show: 'Show the secret',
}

export default en
