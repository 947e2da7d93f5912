import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { databasePath } from '../store/data-directory.ts'
import { openDatabase } from '../store/open-database.ts'
import { exportLog, verifyFile } from './cli.ts'
import { createAuditLog } from './log.ts'

const seed = new Uint8Array(32).fill(9)
const origin = 'lanyard.example/agent-1'
const now = () => 1_800_000_000_000

let directory: string
let printed: string[]
let out: string
const print = (line: string) => void printed.push(line)

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanyard-cli-'))
  out = join(directory, 'audit.jsonl')
  printed = []
})
afterEach(() => rm(directory, { recursive: true }))

const running = async () => {
  const db = await openDatabase({ path: databasePath(directory) })
  const log = await createAuditLog({ db, seed, origin, now })
  return {
    log,
    stop: async () => {
      await log.dispose()
      await db.close()
    },
  }
}
const exportTo = (over: Partial<Parameters<typeof exportLog>[0]> = {}) =>
  exportLog({ dataDirectory: directory, seed, out, now, print, ...over })

test('exports beside the running agent, and the file verifies', async () => {
  const agent = await running()
  expect(await exportTo()).toBe(0)
  expect(await verifyFile(out, { print })).toBe(0)
  expect(printed.join('\n')).toContain('SOUND: 2 records')
  const { note } = await agent.log.checkpoint()
  await agent.stop()
  const sinceFile = join(directory, 'checkpoint')
  await writeFile(sinceFile, note)
  expect(await exportTo()).toBe(0)
  expect(await verifyFile(out, { print, sinceFile })).toBe(0)
})

test('the last line of an earlier export is a checkpoint that can be kept', async () => {
  const agent = await running()
  await exportTo()
  const sinceFile = join(directory, 'kept')
  await writeFile(sinceFile, (await readFile(out, 'utf8')).trimEnd().split('\n').at(-1) ?? '')
  await exportTo()
  expect(await verifyFile(out, { print, sinceFile })).toBe(0)
  await agent.stop()
  await rm(databasePath(directory))
  await rm(`${databasePath(directory)}-wal`, { force: true })
  await (await running()).stop()
  await exportTo()
  expect(await verifyFile(out, { print })).toBe(0)
  expect(await verifyFile(out, { print, sinceFile })).toBe(1)
  await writeFile(sinceFile, 'null')
  expect(await verifyFile(out, { print, sinceFile })).toBe(1)
})

test('a byte changed is exit 1 and names the record', async () => {
  await (await running()).stop()
  await exportTo()
  const text = await readFile(out, 'utf8')
  await writeFile(out, text.replace('log.exported', 'log.exporter'))
  printed = []
  expect(await verifyFile(out, { print })).toBe(1)
  expect(printed).toEqual([expect.stringContaining('Record 1, line 4')])
})

test('the pinned key decides', async () => {
  await (await running()).stop()
  await exportTo()
  const [header = ''] = (await readFile(out, 'utf8')).split('\n')
  const { key } = JSON.parse(header) as { key: string }
  expect(await verifyFile(out, { print, key })).toBe(0)
  expect(printed.at(-1)).toContain('expected key')
  expect(await verifyFile(out, { print, key: key.replace('agent-1', 'agent-2') })).toBe(1)
})

test('a file that cannot be read is exit 2', async () => {
  expect(await verifyFile(join(directory, 'none'), { print })).toBe(2)
  expect(await verifyFile(directory, { print })).toBe(2)
  expect(printed.join()).toContain('cannot be read')
})

test('without a log there is nothing to export, and nothing is created', async () => {
  expect(await exportTo()).toBe(2)
  expect(await readdir(directory)).toEqual([])
  await (await openDatabase({ path: databasePath(directory) })).close()
  expect(await exportTo()).toBe(2)
  expect(await readdir(directory)).not.toContain('audit.jsonl')
})

test('another key, or a place that takes no file, is exit 2 and leaves no half file', async () => {
  await (await running()).stop()
  expect(await exportTo({ seed: new Uint8Array(32) })).toBe(2)
  expect(printed.at(-1)).toContain('signing key')
  expect(await exportTo({ out: join(directory, 'none', 'audit.jsonl') })).toBe(2)
  expect(await readdir(directory)).not.toContain('audit.jsonl.partial')
})
