import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../store/open-database.ts'
import type { Database } from '../store/port.ts'
import type { AuditInput } from './events.ts'
import { createAuditLog } from './log.ts'
import type { AuditLog } from './port.ts'
import { verifyExport } from './verify.ts'

const seed = new Uint8Array(32).fill(7)
const origin = 'lanyard.example/agent-1'

const input = (detail: AuditInput['detail'] = {}): AuditInput => ({
  event: 'badge.identified',
  outcome: 0,
  actor: 'p-ada',
  workstation: 'w-1',
  session: null,
  patient: null,
  assurance: null,
  purposeOfUse: 'TREAT',
  detail,
})

const collect = async (log: AuditLog) => {
  const lines: string[] = []
  for await (const line of log.export()) lines.push(line)
  return lines
}
const events = (lines: readonly string[]) =>
  lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => 'seq' in line)
    .map((line) => line['event'])

describe('the audit log', () => {
  let directory: string
  let db: Database
  let log: AuditLog
  let clock: number

  const open = () => openDatabase({ path: join(directory, 'lanyard.db') })
  const begin = (over: Partial<Parameters<typeof createAuditLog>[0]> = {}) =>
    createAuditLog({ db, seed, origin, now: () => clock, ...over })

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lanyard-log-'))
    clock = 1_800_000_000_000
    db = await open()
    log = await begin()
  })
  afterEach(async () => {
    await log.dispose()
    await db.close()
    await rm(directory, { recursive: true })
  })

  test('a record is in the export, which verifies and names the key', async () => {
    await db.write((tx) => log.append(tx, input({ badge: 'a1b2c3' })))
    const lines = await collect(log)
    expect(events(lines)).toEqual(['log.started', 'badge.identified', 'log.exported'])
    const result = await verifyExport(lines)
    expect(result).toMatchObject({ ok: true, records: 3, pinned: false })
    const key = result.ok ? result.key : ''
    expect(await verifyExport(lines, { key })).toMatchObject({ ok: true, pinned: true })
  })

  test('a record of a transaction that failed is not in the log', async () => {
    const failed = db.write(async (tx) => {
      await log.append(tx, input())
      throw new Error('no session')
    })
    await expect(failed).rejects.toThrow('no session')
    expect(events(await collect(log))).toEqual(['log.started', 'log.exported'])
  })

  test('a record that breaks the schema fails the transaction that wanted it', async () => {
    const unknown = { ...input(), name: 'Ada Example' } as AuditInput
    const written = db.write(async (tx) => {
      await log.append(tx, unknown)
    })
    await expect(written).rejects.toThrow(/name/)
    expect(events(await collect(log))).toEqual(['log.started', 'log.exported'])
  })

  test('a log that cannot be written fails the transaction that wanted it', async () => {
    await db.write((tx) => sql`alter table "auditRecord" rename to "gone"`.execute(tx))
    await expect(db.write((tx) => log.append(tx, input()))).rejects.toThrow(/auditRecord/)
    await db.write((tx) => sql`alter table "gone" rename to "auditRecord"`.execute(tx))
  })

  test('half of a surrogate pair in free text does not stop a record', async () => {
    await db.write((tx) => log.append(tx, input({ reason: 'cut \ud83d' })))
    const lines = await collect(log)
    expect(lines.join()).toContain('cut \ufffd')
    expect(await verifyExport(lines)).toMatchObject({ ok: true })
  })

  test('two hundred and fifty-six records get a checkpoint without waiting', async () => {
    await log.dispose()
    log = await begin({ checkpointTime: 3_600_000 })
    // Fewer at a time than a slow disk refuses.
    for (let round = 0; round < 3; round += 1)
      await Promise.all(
        Array.from({ length: 100 }, (_, i) =>
          db.write((tx) => log.append(tx, input({ i, text: 'grün' }))),
        ),
      )
    const largest = async () => {
      const sizes = db.read.selectFrom('auditCheckpoint').select(({ fn }) => fn.max('size').as('n'))
      return (await sizes.executeTakeFirst())?.n
    }
    await expect.poll(largest, { timeout: 20_000 }).toBeGreaterThanOrEqual(256)
    const lines = await collect(log)
    expect(await verifyExport(lines)).toMatchObject({ ok: true, records: 302 })
  })

  test('a record gets a checkpoint within a second or so by itself', async () => {
    await log.checkpoint()
    await db.write((tx) => log.append(tx, input()))
    await expect
      .poll(() => db.read.selectFrom('auditLeaf').select('seq').execute(), { timeout: 20_000 })
      .toHaveLength(2)
  })

  test('an unchanged log keeps its checkpoint', async () => {
    expect(await log.checkpoint()).toEqual(await log.checkpoint())
  })

  test('the log goes on in another process, and both may write at once', async () => {
    const other = await open()
    const second = await begin({ db: other })
    await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        i % 2
          ? db.write((tx) => log.append(tx, input({ i })))
          : other.write((tx) => second.append(tx, input({ i }))),
      ),
    )
    await Promise.all([log.checkpoint(), second.checkpoint()])
    const lines = await collect(second)
    await second.dispose()
    await other.close()
    expect(await verifyExport(lines)).toMatchObject({ ok: true, records: 202 })
  })

  test('the log refuses to go on under another key', async () => {
    await expect(begin({ seed: new Uint8Array(32).fill(8) })).rejects.toMatchObject({
      code: 'other-key',
    })
  })

  test('a clock set back is recorded, and the log verifies', async () => {
    await db.write((tx) => log.append(tx, input()))
    clock -= 64 * 3_600_000
    await db.write((tx) => log.append(tx, input()))
    clock -= 4000
    await db.write((tx) => log.append(tx, input()))
    const lines = await collect(log)
    expect(events(lines)).toEqual([
      'log.started',
      'badge.identified',
      'clock.jumped',
      'badge.identified',
      'badge.identified',
      'log.exported',
    ])
    expect(await verifyExport(lines)).toMatchObject({ ok: true })
  })

  test('a record changed in the database is named by the verifier', async () => {
    for (let i = 0; i < 5; i++) await db.write((tx) => log.append(tx, input({ i })))
    await log.checkpoint()
    await db.write((tx) =>
      sql`update "auditRecord" set "body" = replace("body", 'p-ada', 'p-eve') where "id" = 4`.execute(
        tx,
      ),
    )
    expect(await verifyExport(await collect(log))).toMatchObject({ ok: false, record: 3 })
  })

  test('a record deleted from the database is named by the verifier', async () => {
    for (let i = 0; i < 5; i++) await db.write((tx) => log.append(tx, input({ i })))
    await log.checkpoint()
    await db.write((tx) => sql`delete from "auditLeaf" where "seq" = 2`.execute(tx))
    expect(await verifyExport(await collect(log))).toMatchObject({ ok: false, record: 2 })
  })
})
