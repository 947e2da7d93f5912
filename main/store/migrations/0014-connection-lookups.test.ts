import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '../open-database.ts'
import { ConstraintError, type Tx } from '../port.ts'
import { migrations } from './index.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanyard-connections-'))
})
afterEach(() => rm(directory, { recursive: true }))

/** Workstation, when it was opened, when another took its place. */
const left = {
  a1: ['a', 1, null],
  a2: ['a', 2, 3],
  b1: ['b', 5, null],
  b2: ['b', 7, null],
  b3: ['b', 6, null],
  c1: ['c', 4, null],
  c2: ['c', 4, null],
} as const

type Connections = Readonly<Record<string, readonly [string, number, number | null]>>
const insert = (tx: Tx, connections: Connections) =>
  tx
    .insertInto('workstation_connections')
    .values(
      Object.entries(connections).map(
        ([connection_id, [workstation_id, opened_at, superseded_at]]) => ({
          connection_id,
          workstation_id,
          key_id: 'k',
          node_id: 'n',
          instance: 'i',
          opened_at,
          superseded_at,
        }),
      ),
    )
    .execute()

test('of connections that a workstation had at the same time the newest is the one that it has, and it gets no second', async () => {
  const path = join(directory, 'lanyard.db')
  const before = await openDatabase({
    path,
    migrations: migrations.filter(({ name }) => name < '0014'),
  })
  await before.write((tx) => insert(tx, left))
  await before.close()
  const db = await openDatabase({ path })
  const rows = await db.read
    .selectFrom('workstation_connections')
    .select(['connection_id', 'superseded_at'])
    .orderBy('connection_id')
    .execute()
  await expect(db.write((tx) => insert(tx, { b4: ['b', 8, null] }))).rejects.toBeInstanceOf(
    ConstraintError,
  )
  await db.write((tx) => insert(tx, { b5: ['b', 8, 9] }))
  await db.close()
  expect(rows.map((row) => [row.connection_id, row.superseded_at])).toEqual([
    ['a1', null],
    ['a2', 3],
    ['b1', 5],
    ['b2', null],
    ['b3', 6],
    ['c1', 4],
    ['c2', null],
  ])
})
