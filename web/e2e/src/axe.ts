/** What an accessibility checker has against a screen: WCAG 2.2 A and AA. A journey asks for none. */

import axe from 'axe-core'
import type { Page } from 'playwright-core'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** One line for each thing found: rule, what it says, where. `within` limits the look to one part of the page. */
export async function violations(page: Page, within?: string): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate(
    async ({ within, rules }) => {
      const checker = (window as unknown as { axe: typeof axe }).axe
      const answer = await checker.run(within ?? document, { runOnly: rules, resultTypes: ['violations'] })
      return answer.violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.slice(0, 4).map((node) => `${node.target.join(' ')}: ${node.any[0]?.message ?? node.html.slice(0, 120)}`), more: nodes.length }))
    },
    { within, rules: RULES },
  )
  return found.map(({ id, help, nodes, more }) => `${id} (${more}): ${help}\n        ${nodes.join('\n        ')}`)
}

/** Fails with everything found. */
export async function isAccessible(page: Page, what: string, within?: string): Promise<void> {
  const found = await violations(page, within)
  if (found.length) throw new Error(`${what} is not accessible:\n      ${found.join('\n      ')}`)
}
