/* What the page around us may choose, and the parts of the outside world that the window needs. */

import { pickLang, type Lang } from '@xiaoer/i18n'

export type Theme = 'light' | 'dark' | 'auto'

export interface Options {
  /** Where the server is, without a slash at the end. */
  base: string
  shop: string
  lang: Lang
  theme: Theme
  /** The shop's colour as #rrggbb, if it has one. */
  accent: string | undefined
  /** Open at once, without the launcher having been pressed. */
  open: boolean
}

/** The `data-…` of the script element: shop, lang, theme, accent, open. */
export function optionsOf(base: string, data: DOMStringMap, theme: Theme): Options {
  return {
    base,
    shop: data.shop ?? '',
    lang: langOf(data.lang),
    theme: (['light', 'dark', 'auto'] as const).find((known) => known === data.theme) ?? theme,
    accent: data.accent,
    open: 'open' in data,
  }
}

export function langOf(wish?: string): Lang {
  return pickLang([wish, new URLSearchParams(location.search).get('lang'), ...navigator.languages])
}
