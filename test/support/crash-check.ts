/**
 * Opens a database that crash-writer.ts left, as the next start would, and prints what it finds as
 * JSON (`Found`). `crash-check.ts DATABASE`
 */
import { sql } from 'kysely'
import { verifyExport, type Verification } from '../../main/audit/index.ts'
import { openDatabase } from '../../main/store/index.ts'
import { crashLog, crashMigrations, crashRow, crashTables } from './crash-schema.ts'

export interface Found {
  /** Rows are 1 to `rows` without a gap, each with its right content. */
  readonly rows: number
  readonly sound: boolean
  /** `PRAGMA integrity_check`. */
  readonly integrity: string
  /** Rows whose audit record is in the export. */
  readonly recorded: number
  readonly log: Verification
}

const [path] = process.argv.slice(2)
if (!path) throw new Error('crash-check.ts DATABASE')

const db = await openDatabase({ path, migrations: crashMigrations })
const log = await crashLog(db)
const rows = await crashTables(db.read).selectFrom('crash').selectAll().orderBy('n').execute()
const sound = rows.every(({ n, check }, at) => n === at + 1 && check === crashRow(n).check)
const { rows: integrity } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(
  db.read,
)
const lines: string[] = []
for await (const line of log.export()) lines.push(line)
const numbers = new Set<unknown>()
for (const line of lines) {
  const { event, detail } = JSON.parse(line) as { event?: string; detail?: { n?: number } }
  if (event === 'workstation.reported') numbers.add(detail?.n)
}
const found: Found = {
  rows: rows.length,
  sound,
  integrity: integrity.map(({ integrity_check }) => integrity_check).join('; '),
  recorded: rows.filter(({ n }) => numbers.has(n)).length,
  log: await verifyExport(lines),
}
console.log(JSON.stringify(found))
await log.dispose()
await db.close()
