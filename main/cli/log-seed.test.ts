import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAuditLog } from '../audit/index.ts'
import { openDatabase } from '../store/index.ts'
import { databasePath } from '../store/data-directory.ts'
import { loadKeys, openVault } from '../vault/index.ts'
import { readLogSeed } from './log-seed.ts'
import { runProgram } from './program.ts'

const noKeyring = async () => {
  throw new Error('no keyring here')
}

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-seed-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const makeKeys = async () =>
  loadKeys(
    await openVault({
      safeStorage: null,
      directory: folder,
      allowFile: true,
      keyring: noKeyring,
    }),
  )

test('the seed is the one that the agent made', async () => {
  const keys = await makeKeys()
  const seed = await readLogSeed({ dataFolder: folder, keyring: noKeyring })
  expect(Buffer.from(seed).toString('hex')).toBe(keys.log)
})

test('without keys it says so and makes none', async () => {
  await expect(readLogSeed({ dataFolder: folder, keyring: noKeyring })).rejects.toMatchObject({
    code: 'unable',
    advice: expect.stringMatching(/Start Lanyard once/),
  })
  expect(await readdir(folder)).toEqual([])
})

test('lanyard audit export writes what lanyard audit verify finds sound', async () => {
  const { log: seed } = await makeKeys()
  const db = await openDatabase({ path: databasePath(folder) })
  const log = await createAuditLog({
    db,
    seed: Buffer.from(seed, 'hex'),
    origin: 'lanyard.example/test',
    now: Date.now,
  })
  await log.dispose()
  await db.close()
  const out = join(folder, 'audit.jsonl')
  let text = ''
  const output = { out: (more: string) => (text += more), err: (more: string) => (text += more) }
  expect(await runProgram(['audit', 'export', '--data', folder, '--out', out], output)).toBe(0)
  expect(await runProgram(['audit', 'verify', out], output)).toBe(0)
  expect(text).toMatch(/SOUND: 2 records/)
})

test('lanyard audit export without keys ends with 2 and the next step', async () => {
  let err = ''
  const output = { out: () => {}, err: (more: string) => (err += more) }
  const args = ['audit', 'export', '--data', folder, '--out', join(folder, 'x')]
  expect(await runProgram(args, output)).toBe(2)
  expect(err).toMatch(/There are no keys/)
})
