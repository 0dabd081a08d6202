/**
 * Every page of the desk beside the conversations. A new page is one entry here, its texts `page.<id>` and its
 * component; rail, menu, palette, address and the check of rights follow from it.
 */
import type { IconName } from '@xiaoer/ui'
import type { Component } from 'vue'

export interface Page {
  /** In the address, and the key of its texts: `page.<id>.short` (two characters) and `page.<id>.title`. */
  id: string
  icon: IconName
  /** The right without which the page says who could give it. */
  right?: string
  /** `work` stands in the rail; `own` pages share the rail's last entry and the list beside them. */
  place: 'work' | 'own'
  /** The part of that list; without it the shop's. */
  part?: Part
  /** Uses the whole width; without it the page is a column of 880. */
  wide?: boolean
  view(): Promise<{ default: Component }>
}

/** Parts of the list beside pages that are opened now and then, in their order. */
export const PARTS = ['reception', 'shop', 'me'] as const
export type Part = (typeof PARTS)[number]

export const PAGES: readonly Page[] = [
  { id: 'left', icon: 'inbox', right: 'serve_buyers', place: 'work', view: () => import('../features/chat/LeftMessages.vue') },
  { id: 'wall', icon: 'wall', right: 'steer_routing', place: 'work', wide: true, view: () => import('../features/routing/WallPage.vue') },
  { id: 'phrases', icon: 'phrase', right: 'serve_buyers', place: 'work', wide: true, view: () => import('../features/phrases/PhrasesPage.vue') },
  { id: 'groups', icon: 'team', right: 'steer_routing', place: 'own', part: 'reception', view: () => import('../features/routing/GroupsPage.vue') },
  { id: 'blocks', icon: 'hidden', right: 'serve_buyers', place: 'own', part: 'reception', view: () => import('../features/customers/BlocksPage.vue') },
  { id: 'guard', icon: 'shield', right: 'manage_guard', place: 'own', part: 'reception', view: () => import('../features/quality/GuardPage.vue') },
  { id: 'handover', icon: 'swap', right: 'serve_buyers', place: 'work', view: () => import('../features/team/HandoverPage.vue') },
  { id: 'team', icon: 'calendar', right: 'read_conversations', place: 'work', wide: true, view: () => import('../features/team/TeamPage.vue') },
  { id: 'companion', icon: 'copy', right: 'serve_buyers', place: 'work', view: () => import('../features/team/CompanionPage.vue') },
  { id: 'import', icon: 'upload', right: 'import_orders', place: 'own', view: () => import('../features/orders/ImportPage.vue') },
  { id: 'people', icon: 'person', right: 'manage_shop', place: 'own', wide: true, view: () => import('../features/platform/PeoplePage.vue') },
  { id: 'shop', icon: 'globe', right: 'manage_shop', place: 'own', view: () => import('../features/platform/ShopPage.vue') },
  { id: 'programs', icon: 'plug', right: 'manage_shop', place: 'own', view: () => import('../features/platform/ProgramsPage.vue') },
  { id: 'audit', icon: 'log', right: 'manage_shop', place: 'own', wide: true, view: () => import('../features/platform/AuditPage.vue') },
  { id: 'security', icon: 'lock', place: 'own', part: 'me', view: () => import('../features/platform/SecurityPage.vue') },
  { id: 'settings', icon: 'sliders', place: 'own', part: 'me', view: () => import('../features/platform/SettingsPage.vue') },
]

export function pageOf(id: string | undefined): Page | undefined {
  return PAGES.find((page) => page.id === id)
}
