import type { Client } from 'pg'
import { connectPostgres, type PostgresSession } from '../../store/postgres/index.ts'

/** Longer than this nobody waits to hear how the database is, ms. */
const patience = 2_000

export interface DatabaseWatch {
  /** Time of the database's machine, ms. Rejects with `StoreError`. */
  time(): Promise<number>
  /** Records that are not in the tree yet, and the time of the oldest, ms. */
  unsequenced(): Promise<{ readonly waiting: number; readonly oldest: number | null }>
  close(): Promise<void>
}

/** Of so many of the newest records it is looked whether they are in the tree. */
const looked = 4096

/**
 * One connection for looking at the database, so that looking never waits for a place in the pool.
 * It connects when it is asked, and anew after it was lost.
 */
export function createDatabaseWatch(session: PostgresSession): DatabaseWatch {
  let client: Promise<Client> | null = null

  async function connect(): Promise<Client> {
    const made = await connectPostgres({
      ...session,
      connectTimeout: patience,
      statementTimeout: patience,
    })
    made.once('error', forget)
    made.once('end', forget)
    return made
  }
  function forget(): void {
    client = null
  }

  async function ask<Row extends object>(text: string): Promise<Row> {
    client ??= connect()
    client.catch(forget)
    const asked = await client
    try {
      const { rows } = await asked.query<Row>(text)
      const [row] = rows
      if (row) return row
      throw new Error('The question has no answer.')
    } catch (error) {
      forget()
      await asked.end().catch(() => {})
      throw error
    }
  }

  return {
    async time() {
      const { time } = await ask<{ time: number }>(
        `select (extract(epoch from clock_timestamp()) * 1000)::float8 as "time"`,
      )
      return time
    },
    // Counted for each, by its index: `not exists` becomes a join with all leaves there are.
    async unsequenced() {
      const { waiting, oldest } = await ask<{ waiting: number; oldest: number | null }>(
        `select count(*)::int as "waiting", min("time")::float8 as "oldest"
         from "auditRecord" r
         where r."id" > (select max("id") - ${looked} from "auditRecord")
           and (select count(*) from "auditLeaf" l where l."record" = r."id") = 0`,
      )
      return { waiting, oldest }
    },
    async close() {
      const open = await client?.catch(() => null)
      client = null
      await open?.end().catch(() => {})
    },
  }
}
