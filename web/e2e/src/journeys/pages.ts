/** Every page of the desk, read by an accessibility checker, in the light and in the dark. */

import { isAccessible } from '../axe.ts'
import type { Journey } from '../journey.ts'
import { check, until } from '../until.ts'

const everyPage = (dark: boolean): Journey => ({
  fact: `every page of the desk is accessible in the ${dark ? 'dark' : 'light'}`,
  async run(world) {
    const owner = await world.agent('owner', { dark })
    await owner.at('account-menu').locator('button').first().click()
    const menu = owner.page.locator('[data-testid^="menu-page-"]')
    await menu.first().waitFor()
    const ids = await menu.evaluateAll((items) => items.map((item) => item.getAttribute('data-testid')!.replace('menu-page-', '')))
    await owner.page.keyboard.press('Escape')
    check(ids.length >= 14, `only ${ids.length} pages are in the menu`)
    const found: string[] = []
    for (const id of ids) {
      await owner.page.evaluate((page) => {
        location.hash = `#/demo/${page}`
      }, id)
      await owner.at(`page-${id}`).waitFor()
      await until(`${id} stands still`, async () => (await owner.at(`page-${id}`).locator('.skeleton').count()) === 0)
      await isAccessible(owner.page, id).catch((failure: Error) => void found.push(failure.message))
    }
    check(found.length === 0, found.join('\n    '))
  },
})

export const pages: Journey[] = [everyPage(false), everyPage(true)]
