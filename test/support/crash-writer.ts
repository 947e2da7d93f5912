/**
 * Writes numbered rows, each with its audit record in one transaction, sixteen at a time, and says
 * each number on stdout once its write has resolved, after `ready PID`. Runs until it is killed. Says `refused CODE`
 * for a write that failed, and goes on. `crash-writer.ts DATABASE [UNSYNCED-FILE]`
 */
import { openSync, writeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { openDatabase } from '../../main/store/index.ts'
import { crashLog, crashMigrations, crashTables, writeCrashRow } from './crash-schema.ts'

const [path, unsyncedPath] = process.argv.slice(2)
if (!path) throw new Error('crash-writer.ts DATABASE [UNSYNCED-FILE]')

const db = await openDatabase({ path, migrations: crashMigrations })
const log = await crashLog(db)
const unsynced = unsyncedPath === undefined ? null : openSync(unsyncedPath, 'a')
// Waits for the reader: a pipe that is full takes nothing.
const say = (line: string) =>
  new Promise<void>((resolve) => process.stdout.write(`${line}\n`, () => resolve()))
await say(`ready ${process.pid}`)

async function writeForever() {
  for (;;) {
    const written = db.write(async (tx) => {
      const rows = crashTables(tx).selectFrom('crash')
      const last = await rows.select(({ fn }) => fn.max('n').as('n')).executeTakeFirst()
      // A write that fails leaves no gap.
      const n = (last?.n ?? 0) + 1
      await writeCrashRow(tx, log, n)
      return n
    })
    try {
      const n = await written
      if (unsynced !== null) writeSync(unsynced, `${n}\n`)
      await say(String(n))
    } catch (error) {
      const code = (error as { code?: string }).code ?? String(error)
      await say(`refused ${code}`)
      await setTimeout(20)
    }
  }
}
await Promise.all(Array.from({ length: 16 }, writeForever))
