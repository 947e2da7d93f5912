import { sql, type Kysely } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sqliteTypes, type ColumnTypes } from './column-types.ts'
import { ConstraintError, StoreError, type Database, type Tx } from './port.ts'
import { prepare } from './prepared.ts'
import type { Schema } from './schema/index.ts'

type Tables = {
  conformance: { id: string; uses: number; data: Uint8Array | null; at: number | null }
}

const tables = (db: Kysely<Schema>): Kysely<Tables> => db.withTables<Tables>()

const found = prepare<{ id: string }>()((db, place) =>
  tables(db).selectFrom('conformance').selectAll().where('id', '=', place('id')),
)
const used = prepare<{ id: string; at: number }>()((db, place) =>
  tables(db)
    .updateTable('conformance')
    .set(({ eb }) => ({ uses: eb('uses', '+', 1), at: place('at') }))
    .where('id', '=', place('id'))
    .returning(['uses', 'at']),
)
const inserted = prepare<{ id: string; data: Uint8Array }>()((db, place) =>
  tables(db)
    .insertInto('conformance')
    .values({ id: place('id'), data: place('data'), uses: 0, at: null }),
)

/** Runs a work by itself, or in the transaction that it shares with one that has come with it. */
const ways = [
  ['alone', <T>(db: Database, work: (tx: Tx) => Promise<T>) => db.write(work, { lock: ['a'] })],
  [
    'beside another',
    async <T>(db: Database, work: (tx: Tx) => Promise<T>) => {
      // It is asked first, so that nothing waits for its answers when the work is over.
      const other = db.write((tx) => found.first(tx, { id: 'z' }), { lock: ['z'] })
      const written = db.write(work, { lock: ['a'] })
      await Promise.allSettled([written, other])
      await other
      return written
    },
  ],
] as const

const row = (id: string) => ({ id, uses: 0, data: null, at: null })

/**
 * What every engine behind the port promises, as tests. `open` opens one and the same empty
 * database each time it is called within a test.
 */
export function storeConformance(
  open: () => Promise<Database>,
  { blob }: Pick<ColumnTypes, 'blob'> = sqliteTypes,
): void {
  describe('the storage port', () => {
    let db: Database

    const ids = async () => {
      const rows = await tables(db.read)
        .selectFrom('conformance')
        .select('id')
        .orderBy('id')
        .execute()
      return rows.map(({ id }) => id)
    }
    const insert = (id: string) =>
      db.write((tx) => tables(tx).insertInto('conformance').values(row(id)).execute())

    beforeEach(async () => {
      db = await open()
      await db.write((tx) =>
        tx.schema
          .createTable('conformance')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('uses', 'integer', (column) => column.notNull())
          .addColumn('data', blob)
          .addColumn('at', 'bigint')
          .execute(),
      )
    })
    afterEach(() => db.close())

    test('a read sees what a write resolved before', async () => {
      for (let i = 0; i < 50; i++) {
        await insert(`row-${i}`)
        expect(await ids()).toContain(`row-${i}`)
      }
    })

    test.each(ways)(
      'what is asked in one turn is answered for each, as it was before: %s',
      async (_, write) => {
        await insert('a')
        const data = Uint8Array.of(0, 1, 255)
        const answers = await write(db, (tx) =>
          Promise.all([
            found.first(tx, { id: 'a' }),
            used.first(tx, { id: 'a', at: 2 ** 40 }),
            inserted.run(tx, { id: 'b', data }),
            used.first(tx, { id: 'nobody', at: 1 }),
            found.first(tx, { id: 'nobody' }),
            inserted.run(tx, { id: 'c', data }),
          ]),
        )
        const now = { uses: 1, at: 2 ** 40 }
        expect(answers).toEqual([row('a'), now, undefined, null, null, undefined])
        expect(await found.all(db.read, { id: 'a' })).toEqual([{ ...row('a'), ...now }])
        expect(await found.first(db.read, { id: 'c' })).toEqual({ ...row('c'), data })
      },
    )

    test.each(ways)(
      'the same question of one turn, with other values, is another one: %s',
      async (_, write) => {
        await insert('a')
        await insert('b')
        const both = await write(db, (tx) =>
          Promise.all([found.first(tx, { id: 'b' }), found.first(tx, { id: 'a' })]),
        )
        expect(both).toEqual([row('b'), row('a')])
      },
    )

    test.each(ways)(
      'what is asked later in a write sees what was asked before: %s',
      async (_, write) => {
        await insert('a')
        const uses = await write(db, async (tx) => {
          await used.first(tx, { id: 'a', at: 1 })
          const second = used.first(tx, { id: 'a', at: 2 })
          // Goes out behind what was asked first, though that was not awaited.
          const read = tables(tx).selectFrom('conformance').select('uses').execute()
          return [await second, await read]
        })
        expect(uses).toEqual([{ uses: 2, at: 2 }, [{ uses: 2 }]])
      },
    )

    test.each(ways)(
      'when one of a turn fails, so do the write and all of it: %s',
      async (_, write) => {
        await insert('a')
        const data = new Uint8Array()
        const writing = write(db, (tx) =>
          Promise.all([
            inserted.run(tx, { id: 'b', data }),
            inserted.run(tx, { id: 'a', data }),
            used.first(tx, { id: 'a', at: 1 }),
          ]),
        )
        await expect(writing).rejects.toMatchObject({ name: 'ConstraintError', kind: 'unique' })
        expect(
          await db.read
            .selectFrom('conformance' as never)
            .selectAll()
            .execute(),
        ).toEqual([row('a')])
      },
    )

    test.each(ways)(
      'nothing that a work asked just before it failed is kept: %s',
      async (_, write) => {
        const data = new Uint8Array()
        const writing = write(db, async (tx) => {
          await found.first(tx, { id: 'a' })
          void inserted.run(tx, { id: 'a', data }).catch(() => {})
          void inserted.run(tx, { id: 'b', data }).catch(() => {})
          throw new Error('changed my mind')
        })
        await expect(writing).rejects.toThrow('changed my mind')
        expect(await ids()).toEqual([])
      },
    )

    test.each(ways)(
      'what a write asked and did not wait for is kept with it: %s',
      async (_, write) => {
        await write(db, async (tx) => {
          await found.first(tx, { id: 'a' })
          void inserted.run(tx, { id: 'a', data: new Uint8Array() }).catch(() => {})
        })
        expect(await ids()).toEqual(['a'])
      },
    )

    test('a write sees its own changes, and gives back what its work gave', async () => {
      const found = await db.write(async (tx) => {
        await tables(tx).insertInto('conformance').values(row('a')).execute()
        return tables(tx).selectFrom('conformance').select('id').execute()
      })
      expect(found).toEqual([{ id: 'a' }])
    })

    test('a read does not see a write that is not over', async () => {
      await db.write(async (tx) => {
        await tables(tx).insertInto('conformance').values(row('a')).execute()
        expect(await ids()).toEqual([])
      })
      expect(await ids()).toEqual(['a'])
    })

    test('of writes side by side that name different things, one that fails takes only itself back', async () => {
      const failing = new Set([3, 7, 11])
      const write = (at: number) =>
        db.write(
          async (tx) => {
            const rows = await tables(tx).selectFrom('conformance').select('id').execute()
            await tables(tx)
              .insertInto('conformance')
              .values(row(`row-${at}`))
              .execute()
            if (failing.has(at)) throw new Error(`failed ${at}`)
            return rows.some(({ id }) => id === `row-${at}`)
          },
          { lock: [`row:${at}`] },
        )
      const results = await Promise.allSettled(Array.from({ length: 12 }, (_, at) => write(at)))
      for (const [at, result] of results.entries())
        expect(result).toMatchObject(
          failing.has(at)
            ? { status: 'rejected', reason: { message: `failed ${at}` } }
            : { status: 'fulfilled', value: false },
        )
      expect(await ids()).toHaveLength(9)
    })

    test('what is written is there after the database was opened again', async () => {
      await insert('a')
      await db.close()
      db = await open()
      expect(await ids()).toEqual(['a'])
    })

    test('blobs, large times, empty values and text come back as they went in', async () => {
      const data = Uint8Array.from({ length: 300 }, (_, at) => at % 256)
      const part = new Uint8Array(data.buffer, 7, 32)
      const at = Date.UTC(2199, 0)
      const rows = [
        { id: 'naïve 鍵 \u{1f511}', uses: 1, data, at },
        { id: 'part', uses: -1, data: part, at: null },
        { id: '', uses: 0, data: new Uint8Array(), at: 0 },
      ]
      await db.write((tx) => tables(tx).insertInto('conformance').values(rows).execute())
      const found = await tables(db.read).selectFrom('conformance').selectAll().execute()
      const plain = found.map((one) => ({
        ...one,
        data: one.data && Uint8Array.from(one.data),
      }))
      expect(plain).toHaveLength(3)
      for (const wanted of rows)
        expect(plain).toContainEqual({
          ...wanted,
          data: wanted.data && Uint8Array.from(wanted.data),
        })
    })

    test('a write that throws leaves nothing and rejects with what was thrown', async () => {
      const thrown = new Error('not today')
      const written = db.write(async (tx) => {
        await tables(tx).insertInto('conformance').values(row('a')).execute()
        throw thrown
      })
      await expect(written).rejects.toBe(thrown)
      expect(await ids()).toEqual([])
    })

    test('of writes at the same time, each commits or rolls back alone', async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 40 }, (_, i) =>
          db.write(async (tx) => {
            await tables(tx)
              .insertInto('conformance')
              .values(row(`row-${i}`))
              .execute()
            if (i % 4 === 1) throw new Error('mine')
            // A broken rule, whether the work minds it or not, is the work's own.
            if (i % 4 === 2)
              await tables(tx)
                .insertInto('conformance')
                .values(row(`row-${i}`))
                .execute()
          }),
        ),
      )
      const kept = results.flatMap(({ status }, i) => (status === 'fulfilled' ? [`row-${i}`] : []))
      expect(kept).toHaveLength(20)
      expect(await ids()).toEqual(kept.toSorted())
    })

    test('a broken rule of the schema is told from everything else, without values', async () => {
      await insert('secret-value')
      const again = await insert('secret-value').catch((error: unknown) => error)
      expect(again).toBeInstanceOf(ConstraintError)
      expect(again).toMatchObject({ code: 'constraint', kind: 'unique' })
      expect(String(again)).not.toContain('secret-value')
      const empty = await db
        .write((tx) => sql`insert into "conformance" ("id", "uses") values ('a', null)`.execute(tx))
        .catch((error: unknown) => error)
      expect(empty).toMatchObject({ code: 'constraint', kind: 'not-null' })
    })

    test('of statements that are asked at once, one that fails takes its write back and harms no later one', async () => {
      const asked = ['a', 'b', 'b', 'c'].map(row)
      // Often enough that each connection has had it, and those after it have never been prepared.
      for (let n = 0; n < 20; n += 1) {
        const write = db.write((tx) =>
          Promise.all(
            asked.map((values) => tables(tx).insertInto('conformance').values(values).execute()),
          ),
        )
        await expect(write).rejects.toMatchObject({ code: 'constraint', kind: 'unique' })
        await insert(`after-${n}`)
      }
      expect(await ids()).toEqual(Array.from({ length: 20 }, (_, n) => `after-${n}`).toSorted())
    })

    test('a mistake in a query rejects and harms no other write', async () => {
      const results = await Promise.allSettled([
        insert('a'),
        db.write((tx) => sql`select * from "no_such_table"`.execute(tx)),
        insert('b'),
      ])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(await ids()).toEqual(['a', 'b'])
    })

    test('a ticket for one use is redeemed once by fifty at the same time', async () => {
      await insert('ticket')
      const redeemed = await Promise.all(
        Array.from({ length: 50 }, () =>
          db.write((tx) =>
            tables(tx)
              .updateTable('conformance')
              .set({ uses: 1 })
              .where('id', '=', 'ticket')
              .where('uses', '=', 0)
              .returning('id')
              .executeTakeFirst(),
          ),
        ),
      )
      expect(redeemed.filter(Boolean)).toEqual([{ id: 'ticket' }])
    })

    test('a count that is raised by many at the same time loses nothing', async () => {
      await insert('counter')
      await Promise.all(
        Array.from({ length: 100 }, () =>
          db.write((tx) =>
            tables(tx)
              .updateTable('conformance')
              .set((is) => ({ uses: is('uses', '+', 1) }))
              .where('id', '=', 'counter')
              .execute(),
          ),
        ),
      )
      const found = await tables(db.read).selectFrom('conformance').select('uses').execute()
      expect(found).toEqual([{ uses: 100 }])
    })

    test('an update says how many rows it changed', async () => {
      await insert('a')
      await insert('b')
      const result = await db.write((tx) =>
        tables(tx).updateTable('conformance').set({ uses: 2 }).executeTakeFirst(),
      )
      expect(result.numUpdatedRows).toBe(2n)
    })

    test('a write that comes back with the same id changes the row that is there', async () => {
      await insert('a')
      await db.write((tx) =>
        tables(tx)
          .insertInto('conformance')
          .values({ ...row('a'), uses: 5 })
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ uses: 5 }))
          .execute(),
      )
      const found = await tables(db.read).selectFrom('conformance').select('uses').execute()
      expect(found).toEqual([{ uses: 5 }])
    })

    test('a transaction that was kept for later can no longer be used', async () => {
      const kept = await db.write(async (tx) => ({ tx }))
      const late = tables(kept.tx).insertInto('conformance').values(row('late')).execute()
      await expect(late).rejects.toThrow(/over|committed/)
      expect(await ids()).toEqual([])
    })

    test('closing waits for the writes that were begun and refuses later ones', async () => {
      const begun = Promise.all(Array.from({ length: 20 }, (_, i) => insert(`row-${i}`)))
      await Promise.all([begun, db.close()])
      await expect(insert('late')).rejects.toMatchObject({ code: 'closed' })
      await expect(insert('late')).rejects.toBeInstanceOf(StoreError)
      db = await open()
      expect(await ids()).toHaveLength(20)
    })

    test('closing twice is closing once', async () => {
      await db.close()
      await expect(db.close()).resolves.toBeUndefined()
    })
  })
}
