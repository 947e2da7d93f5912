import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, type KyselyPlugin, type RootOperationNode, sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { defaultPolicy } from '../../../test/support/authority.ts'
import { openDatabase } from '../../store/index.ts'
import type { Database } from '../../store/port.ts'
import type { Schema } from '../../store/schema/index.ts'
import { createExpiry, type ExpiryOptions } from './expiry.ts'

let directory: string
let db: Database
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanyard-lookups-'))
  db = await openDatabase({ path: join(directory, 'lanyard.db') })
})
afterEach(async () => {
  await db.close()
  await rm(directory, { recursive: true })
})

/** Remembers what is asked. */
class Asked implements KyselyPlugin {
  readonly nodes: RootOperationNode[] = []
  transformQuery({ node }: { node: RootOperationNode }) {
    this.nodes.push(node)
    return node
  }
  transformResult = <R>({ result }: { result: R }) => Promise.resolve(result)
}

const planOf = async (read: Kysely<Schema>, node: RootOperationNode) => {
  const { sql: text, parameters } = read.getExecutor().compileQuery(node, { queryId: 'plan' })
  const values = parameters.map((value) => sql.lit(value))
  const parts = text.split('?')
  const query = sql.join(
    parts.flatMap((part, at) => [sql.raw(part), ...values.slice(at, at + 1)]),
    sql``,
  )
  const { rows } = await sql<{ detail: string }>`explain query plan ${query}`.execute(read)
  return rows.map(({ detail }) => detail)
}

test('what runs out is looked up by index, however many sessions there ever were', async () => {
  const asked = new Asked()
  const services = {
    db: { ...db, read: db.read.withPlugin(asked) },
    policy: defaultPolicy,
    now: Date.now,
  } as unknown as ExpiryOptions
  await createExpiry(services).run()

  expect(asked.nodes.length).toBeGreaterThanOrEqual(8)
  const plans = await Promise.all(asked.nodes.map((node) => planOf(db.read, node)))
  // The overrides in force are few.
  const byHand = /^(SCAN (?!overrides)|SEARCH \w+$)/
  expect(plans.flat().filter((step) => byHand.test(step))).toEqual([])
})
