/* Languages of the product. Each app has its folder with one file for each language, all with the same keys;
   the type of the first one (zh-CN) is the list of keys. */

export const LANGS = ['zh-CN', 'en'] as const
export type Lang = (typeof LANGS)[number]

/** The first wish that we speak, else the last resort. Takes `zh`, `zh-TW`, `en-GB` and the like by their language. */
export function pickLang(wishes: readonly (string | null | undefined)[], last_resort: Lang = 'zh-CN'): Lang {
  for (const wish of wishes) {
    const language = wish?.slice(0, 2).toLowerCase()
    const found = LANGS.find((lang) => lang.startsWith(language || '-'))
    if (found) return found
  }
  return last_resort
}

/** Puts `{name}` in. A text with ` | ` has a form for one and a form for more: `n` chooses. */
export function fill(text: string, params: Record<string, string | number | null | undefined> = {}): string {
  const forms = text.split(' | ')
  const form = forms.length > 1 && Number(params.n) !== 1 ? forms[1]! : forms[0]!
  return form.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''))
}
