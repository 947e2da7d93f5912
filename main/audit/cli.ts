import { createReadStream, createWriteStream } from 'node:fs'
import { readFile, rename, rm, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { databasePath } from '../store/data-directory.ts'
import { openDatabase } from '../store/open-database.ts'
import { StoreError, type Database } from '../store/port.ts'
import { AuditError } from './audit-error.ts'
import { createAuditLog } from './log.ts'
import { keyName } from './signed-note.ts'
import { verifyBytes } from './verify.ts'

/** 0 done or sound, 1 not sound (the bad record is printed), 2 could not be read or written. */
export type ExitCode = 0 | 1 | 2

type Print = (line: string) => void

export interface ExportLogOptions {
  readonly dataDirectory: string
  /** Ed25519 seed of the log, 32 bytes, from the vault. */
  readonly seed: Uint8Array
  /** File to write; it appears when it is complete. */
  readonly out: string
  readonly now?: () => number
  readonly print: Print
}

/** `lanyard audit export`: works beside the running agent, which shares the log's state with it. */
export async function exportLog({
  dataDirectory,
  seed,
  out,
  now = Date.now,
  print,
}: ExportLogOptions): Promise<ExitCode> {
  const path = databasePath(dataDirectory)
  const present = await stat(path).catch(() => null)
  if (!present) {
    print(`There is no log in ${dataDirectory}: start Lanyard once, or name its data directory.`)
    return 2
  }
  return exportDatabase({ open: () => openDatabase({ path, now }), seed, out, now, print })
}

export interface ExportDatabaseOptions extends Omit<ExportLogOptions, 'dataDirectory'> {
  /** The database that holds the log; it is closed afterwards. */
  readonly open: () => Promise<Database>
}

/** `lanyard audit export` from any database, e.g. that of a service. */
export async function exportDatabase({
  open,
  seed,
  out,
  now = Date.now,
  print,
}: ExportDatabaseOptions): Promise<ExitCode> {
  try {
    await exportTo(open, seed, out, now)
    print(`The log was written to ${out}. Check it with: lanyard audit verify ${out}`)
    return 0
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const known = error instanceof StoreError || error instanceof AuditError
    print(known ? `${error.message} ${error.advice}` : `The export failed: ${error.message}`)
    return 2
  }
}

async function exportTo(
  open: () => Promise<Database>,
  seed: Uint8Array,
  out: string,
  now: () => number,
) {
  const db = await open()
  try {
    const tree = await db.read.selectFrom('auditTree').select('key').executeTakeFirst()
    if (!tree) throw new Error('the database holds no log yet; start Lanyard once.')
    const log = await createAuditLog({ db, seed, origin: keyName(tree.key), now })
    const partial = `${out}.partial`
    try {
      await pipeline(
        Readable.from(ended(log.export())),
        createWriteStream(partial, { mode: 0o600, flush: true }),
      )
      await rename(partial, out)
    } finally {
      await rm(partial, { force: true })
      await log.dispose()
    }
  } finally {
    await db.close()
  }
}

async function* ended(lines: AsyncIterable<string>): AsyncIterable<string> {
  for await (const line of lines) yield `${line}\n`
}

export interface VerifyFileOptions {
  /** The log's key as noted at set-up, `name+hash+key`. */
  readonly key?: string
  /** File with a checkpoint that was kept: the signed note, or the last line of an export. */
  readonly sinceFile?: string
  readonly print: Print
}

/** `lanyard audit verify`: needs the file only, no database and no secret. */
export async function verifyFile(
  path: string,
  { key, sinceFile, print }: VerifyFileOptions,
): Promise<ExitCode> {
  try {
    const since = sinceFile === undefined ? undefined : noteIn(await readFile(sinceFile, 'utf8'))
    const result = await verifyBytes(createReadStream(path), {
      ...(key === undefined ? {} : { key }),
      ...(since === undefined ? {} : { since }),
    })
    if (!result.ok) {
      const where = result.record === null ? 'No record' : `Record ${result.record}`
      print(`NOT SOUND. ${where}, line ${result.line}: ${result.reason}`)
      return 1
    }
    print(`SOUND: ${result.records} records, root ${result.root}`)
    print(
      result.pinned
        ? `Signed by the expected key ${result.key}`
        : `Signed by ${result.key}. Compare it with the key noted at set-up, or pass --key.`,
    )
    return 0
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error
    print(`The file cannot be read: ${error.message}`)
    return 2
  }
}

/** The note in a line of an export; anything else is passed on for the verifier to judge. */
function noteIn(text: string): string {
  try {
    const { checkpoint } = JSON.parse(text) as { checkpoint?: unknown }
    return typeof checkpoint === 'string' ? checkpoint : text
  } catch {
    return text
  }
}
