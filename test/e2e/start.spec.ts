import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test, type Page } from '@playwright/test'
import { launchStandIn, type StandIn } from '../electron/launch.ts'

/* The product's own entry, with its built reader and authority; how it starts when things are wrong. */

test.skip(
  process.env['LANYARD_E2E'] === 'electron',
  'these start the built entry in the test process, which Electron does in its own',
)

const entry = join(import.meta.dirname, '../../out/main/index.js')
let directory: string
let app: StandIn | null = null

test.beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanyard-start-'))
  await writeFile(join(directory, 'policy.json'), JSON.stringify({ 'vault.allowFile': true }))
  await writeFile(join(directory, 'site.json'), JSON.stringify({ rpId: 'willowbrook.example' }))
})
test.afterEach(async () => {
  await app?.close()
  app = null
  await rm(directory, { recursive: true, force: true })
})

async function start(): Promise<Page> {
  const started = await launchStandIn({
    entry,
    userData: directory,
    size: { width: 1366, height: 768 },
    safeStorage: 'unavailable',
  })
  app = started
  const shellOf = () =>
    started.webContents().find(({ partition }) => partition === 'shell')?.page ?? null
  await expect.poll(() => shellOf() !== null).toBe(true)
  const shell = shellOf()
  if (!shell) throw new Error('no shell page')
  return shell
}

test('the product starts with its own authority, and says what it finds of a reader', async () => {
  const shell = await start()
  await expect(shell.getByRole('heading', { name: /Tap your badge|Badge reader/ })).toBeVisible({
    timeout: 20_000,
  })
  await expect(shell.getByText('Online')).toBeVisible()
  await expect(shell.getByRole('button', { name: 'Sign in without badge' })).toBeVisible()
})

test('a corrupt database is a clear screen with a reference, never a blank one', async () => {
  await writeFile(join(directory, 'lanyard.db'), randomBytes(64 * 1024))
  const shell = await start()
  await expect(shell.getByText(/damaged/i).first()).toBeVisible({ timeout: 30_000 })
  await expect(shell.getByText(/Reference/).first()).toBeVisible()
})

test('a database that another program holds is a clear screen', async () => {
  const holder = new DatabaseSync(join(directory, 'lanyard.db'))
  holder.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE held (id); ')
  try {
    const shell = await start()
    await expect(shell.getByRole('heading', { name: 'Sign-in log in use' })).toBeVisible({
      timeout: 40_000,
    })
  } finally {
    holder.close()
  }
})

test('a missing site file is named as a matter of configuration, and taken once it is there', async () => {
  const sitePath = join(directory, 'site.json')
  const site = await readFile(sitePath)
  await rm(sitePath)
  const shell = await start()
  await expect(shell.getByText(/configuration/i).first()).toBeVisible({ timeout: 20_000 })
  const started = app
  if (!started) throw new Error('nothing was started')
  expect(started.electron.app.relaunches).toBe(false)
  await writeFile(sitePath, site)
  await started.exited
  expect(started.electron.app.relaunches).toBe(true)
  app = null
})
