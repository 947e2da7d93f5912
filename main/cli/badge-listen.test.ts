import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createVirtualHid } from '../../test/sandbox/virtual-hid.ts'
import { createHidSource } from '../badge/hid-source.ts'
import { monotonicNow } from '../badge/reader-messages.ts'
import { encodeWiegand, h10301 } from '../badge/wiegand.ts'
import { createAuditLog } from '../audit/log.ts'
import { databasePath } from '../store/data-directory.ts'
import { openDatabase } from '../store/open-database.ts'
import { openVault } from '../vault/index.ts'
import { addListenCommand } from './badge-listen.ts'
import { CommandError } from './outcome.ts'

let folder: string
let hid: ReturnType<typeof createVirtualHid>
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'listen-'))
  await writeFile(
    join(folder, 'policy.json'),
    JSON.stringify({ 'badge.transports': ['hid'], 'tap.poll': 50 }),
  )
  hid = createVirtualHid({ now: monotonicNow })
})
afterEach(() => rm(folder, { recursive: true }))

async function run(...args: string[]) {
  const out: string[] = []
  const err: string[] = []
  const badge = new Command('badge')
  const registration = {
    program: badge,
    output: {
      out: (text: string) => void out.push(text),
      err(text: string) {
        err.push(text)
        // A hand that taps as soon as the reader is ready.
        if (text.includes('ready')) setTimeout(() => hid.reader.present(card), 200)
      },
    },
    finish: () => undefined,
  }
  const sources = {
    hid: () => createHidSource({ hid, platform: 'win32' }),
    pcsc: unexpected,
    serial: unexpected,
  }
  addListenCommand(registration, badge, { sources, ended: () => new Promise(() => undefined) })
  await badge.parseAsync(['listen', '--data', folder, '--count', '1', ...args], { from: 'user' })
  return { out: out.join(''), err: err.join('') }
}
const card = encodeWiegand(h10301, { facility: 118, number: 1603 })
const unexpected = (): never => {
  throw new Error('this transport is not configured')
}

async function createLog(): Promise<void> {
  const vault = await openVault({
    directory: folder,
    safeStorage: null,
    allowFile: true,
    keyring: () => Promise.reject(new Error('no keyring in tests')),
  })
  const seed = new Uint8Array(32).fill(7)
  await vault.set('log', seed)
  const db = await openDatabase({ path: databasePath(folder), now: Date.now })
  const log = await createAuditLog({ db, seed, origin: 'lanyard.example/test', now: Date.now })
  await log.dispose()
  await db.close()
}

async function recorded(): Promise<string> {
  const db = await openDatabase({ path: databasePath(folder), now: Date.now })
  const rows = await db.read.selectFrom('auditRecord').selectAll().execute()
  await db.close()
  return JSON.stringify(rows, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString() : value,
  )
}

test('prints a tap as one JSON line, masked, with a tag that tells badges apart', async () => {
  const { out } = await run()
  const line = JSON.parse(out) as Record<string, unknown>
  expect(line).toMatchObject({
    type: 'tap',
    model: 'RF IDeas pcProx / WAVE ID',
    technology: 'WIEGAND',
    format: 'H10301',
    bits: 26,
    identity: 'WIEGAND|H10301|26|•18|••03',
    tag: expect.stringMatching(/^[0-9a-f]{6}$/),
    refusedAtEnrolment: null,
  })
  expect(Math.abs(Date.parse(String(line['at'])) - Date.now())).toBeLessThan(5_000)
  expect(out.endsWith('\n') && !out.trim().includes('\n')).toBe(true)
  expect(hid.reader.pages[0]?.[7]).toBe(1)
})

test('reveals numbers only after the log has who asked', async () => {
  await createLog()
  const { out } = await run('--reveal')
  expect(JSON.parse(out)).toMatchObject({ identity: 'WIEGAND|H10301|26|118|1603' })
  const records = await recorded()
  expect(records).toContain('badge.listened')
  expect(records).not.toContain('1603')
})

test('without a log nothing is revealed, and no reader is opened', async () => {
  await expect(run('--reveal')).rejects.toThrow(CommandError)
  expect(hid.requests).toBe(0)
})

test.each(['0', 'x', '-1'])('--count %s is refused', async (count) => {
  await expect(run('--count', count)).rejects.toThrow(/no number of taps/)
})
