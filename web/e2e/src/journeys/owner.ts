/** The owner's days: a shop is opened, colleagues and orders come in, somebody leaves. */

import type { Page } from 'playwright-core'
import type { Journey } from '../journey.ts'
import { check, same, until } from '../until.ts'

const DESK = { width: 1280, height: 800 }
const PASSWORD = 'silk-and-tea-88'
const ORDERS = [
  'Nr,When,What,Code,Pieces,Sum',
  'A1,2026-11-01 10:00:00,Scarf,S1,2,120.00',
  ',2026-11-01 11:00:00,Scarf,S1,1,60.00',
  'A2,2026-11-02 10:00:00,Hat,H1,1,35.50',
].join('\n')

/** Drops a file on a place of the page, as a person does from the desktop. */
async function drop(page: Page, mark: string, name: string, text: string): Promise<void> {
  const files = await page.evaluateHandle(([file, content]) => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([content!], file!, { type: 'text/csv' }))
    return transfer
  }, [name, text])
  await page.getByTestId(mark).dispatchEvent('drop', { dataTransfer: files })
}

const firstDay: Journey = {
  fact: 'an owner opens a shop at the first visit, pastes 25 colleagues, drops a file of orders, and switches one off',
  isEmpty: true,
  async run(world) {
    const page = await world.page({ who: 'owner' }, { viewport: DESK })
    const at = (mark: string) => page.getByTestId(mark)
    await page.goto(`${world.server.origin}/`)
    await at('first-visit').waitFor()
    check(page.url().endsWith('/first-visit'), 'the front door of an empty house is not the first visit')
    const told = { setup_key: 'guessed', name: '我的丝绸', shop: 'mysilk', zone: 'Asia/Shanghai', origins: 'https://shop.example', owner: '掌柜', login: 'boss', password: PASSWORD }
    for (const [name, value] of Object.entries(told)) await at(`first-${name}`).fill(value)
    await at('first-go').click()
    await at('first-trouble').waitFor()
    await at('first-setup_key').fill(await world.server.setupKey())
    await at('first-go').click()
    await at('first-done').waitFor()
    check((await at('copy-snippet').textContent())!.includes('data-shop="mysilk"'), 'the line for the pages does not name the shop')

    await at('first-next-people').click()
    await at('people-add').click()
    const people = Array.from({ length: 25 }, (_, n) => `agent${n + 1}\t客服${n + 1}\t客服\t8`)
    await at('people-table').fill([...people.slice(0, 24), 'boss\t又一个\t客服\t8'].join('\n'))
    await until('the wrong line to be named', async () => (await at('people-judged').textContent())!.includes('1 行要改'))
    await at('people-table').fill(people.join('\n'))
    await until('all lines in order', async () => (await at('people-judged').textContent())!.includes('25 行都没问题'))
    await at('people-add-go').click()
    await at('given-passwords').waitFor()
    const given = (await at('copy-passwords').textContent())!.split('\n').find((line) => line.includes('\tagent7\t'))!.split('\t')[2]!
    await at('passwords-kept').click()
    await same('everybody is there', () => at('people').locator('li').count(), 26)

    await page.goto(`${world.server.origin}/desk/#/mysilk/import`)
    await page.reload()
    await at('import-drop').waitFor()
    await drop(page, 'import-drop', 'mine.csv', ORDERS)
    await at('import-preview').waitFor()
    for (const [column, field] of ['number', 'placed_at', 'title', 'sku', 'quantity', 'amount'].entries()) await at(`column-${column}`).selectOption(field)
    await at('import-start').click()
    await at('import-done').waitFor()
    await same('one line was refused', async () => (await at('import-refused').textContent())?.trim(), '下载没收下的 1 行')

    const colleague = await world.page({ who: 'colleague' }, { viewport: DESK })
    await colleague.goto(`${world.server.origin}/desk/`)
    await colleague.getByTestId('sign-in-login').fill('agent7')
    await colleague.getByTestId('sign-in-password').fill(given)
    await colleague.getByTestId('sign-in-submit').click()
    await colleague.getByTestId('password-current').fill(given)
    await colleague.getByTestId('password-new').fill('my-own-words-9')
    await colleague.getByTestId('password-repeat').fill('my-own-words-9')
    await colleague.getByTestId('password-save').click()
    await colleague.getByTestId('my-state').waitFor()

    await page.goto(`${world.server.origin}/desk/#/mysilk/people`)
    await page.reload()
    await at('person-off-agent7').click()
    await at('person-leave-go').click()
    await until('the leaver to be gone from the list', async () => (await at('person-agent7').count()) === 0)
    await colleague.reload()
    await colleague.getByTestId('sign-in-form').waitFor()
  },
}

export const owner: Journey[] = [firstDay]
