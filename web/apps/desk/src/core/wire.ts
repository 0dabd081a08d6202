/** Bodies of the HTTP calls that the desk reads, as docs/PROTOCOL.md gives them. */
import type { components } from '@xiaoer/api'
import type { AgentState, BuyerView, Entry, Row } from '@xiaoer/realtime'

export interface Account {
  id: string
  name: string
  login: string
  lang: string
}

export interface Shop {
  key: string
  name: string
  currency: string
  zone: string
  roles: string[]
  rights: string[]
  /** Seconds at which notice, alarm and overtime begin. */
  wait_seconds: [number, number, number]
  /** The shop is closed to the account until it has a second factor. */
  needs_second_factor: boolean
}

export interface SignedIn {
  account: Account
  shops: Shop[]
  must_change_password: boolean
}

export type Wall = components['schemas']['Wall']
export type WallAgent = components['schemas']['WallAgent']
export type WallQueued = components['schemas']['WallQueued']
export type Group = components['schemas']['Group']

export interface Rows {
  rows: Row[]
  next: string | null
}

export interface Entries {
  entries: Entry[]
  last_seq: number
}

export interface Agent {
  id: string
  name: string
  /** `offline`: has no desk open; a colleague sees it, oneself never. */
  state: AgentState | 'offline'
  open_sessions: number
  cap?: number
}

export type OrderState =
  | 'unpaid'
  | 'paid'
  | 'shipped'
  | 'completed'
  | 'closed'
  | 'partly_refunded'
  | 'refunded'

export interface OrderItem {
  sku: string
  title: string
  quantity: number
  unit_price: number
  unit_price_exact?: string
  amount: number
  refunded_quantity: number
}

/** What the source says beside the lines. Who receives it is masked. */
export interface OrderDetails {
  paid_at?: number
  shipped_at?: number
  finished_at?: number
  postage?: number
  courier?: string
  waybill?: string
  close_reason?: string
  flag?: string
  nick?: string
  recipient?: string
  phone?: string
  address?: string
  buyer_note?: string
  seller_memo?: string
}

export interface OrderRefund {
  number: string
  at: number
  amount: number
  quantity: number
  sku: string
}

export interface Order {
  id: string
  number: string
  state: OrderState
  placed_at: number
  currency: string
  total: number
  refunded: number
  items: OrderItem[]
  refunds: OrderRefund[]
  details?: OrderDetails
  claimed?: boolean
}

export interface Orders {
  orders: Order[]
  next: string | null
  buyer: BuyerView | null
}

export interface FoundEntry {
  conversation: string
  buyer: BuyerView
  entry: Entry
}

export interface FoundOrder {
  order: Order
  buyer: BuyerView | null
  conversation: string | null
}

export interface FoundBuyer {
  buyer: BuyerView
  conversation: string | null
}

export interface Found {
  entries: FoundEntry[]
  orders: FoundOrder[]
  buyers: FoundBuyer[]
  next: string | null
}

export interface Product {
  sku: string
  title: string
  price: number | null
  currency: string | null
  image: string | null
  link: string | null
  stock: number | null
  category: string | null
}
