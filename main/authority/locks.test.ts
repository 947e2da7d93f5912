import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import { expect, test } from 'vitest'
import type { Schema } from '../store/schema/index.ts'
import { lockOfTap } from './locks.ts'

/** A PostgreSQL in which nothing is found yet. */
const read = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

test('what comes together with the report of its tap, whose it is not known yet, runs alone', async () => {
  expect(await lockOfTap({ read }, { tapId: 'tap', workstationId: 'ws-1' })).toEqual({})
})
