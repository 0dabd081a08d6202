/** The two databases a journey runs on: the embedded one, and a fresh one in the PostgreSQL we were given. */

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'

const call = promisify(execFile)

export type Kind = 'sqlite' | 'postgres'

export interface Database {
  /** Empty for the embedded one. */
  url: string
  remove(): Promise<void>
}

/** From XIAOER_TEST_MATRIX; without it, what there is an address for. */
export function matrix(): Kind[] {
  const wish = process.env.XIAOER_TEST_MATRIX || (process.env.XIAOER_TEST_POSTGRES ? 'both' : 'sqlite')
  if (wish === 'both') return ['sqlite', 'postgres']
  if (wish === 'sqlite' || wish === 'postgres') return [wish]
  throw new Error(`XIAOER_TEST_MATRIX is "${wish}"; say sqlite, postgres or both`)
}

export async function freshDatabase(kind: Kind): Promise<Database> {
  if (kind === 'sqlite') return { url: '', remove: async () => {} }
  const server = process.env.XIAOER_TEST_POSTGRES
  if (!server) throw new Error('XIAOER_TEST_POSTGRES is not set: give the address of a PostgreSQL to make databases in')
  const name = `journey_${randomBytes(6).toString('hex')}`
  await sql(server, `CREATE DATABASE ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, remove: () => sql(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}

async function sql(server: string, statement: string): Promise<void> {
  await call('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', server, '-c', statement])
}
