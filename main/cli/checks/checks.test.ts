import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databasePath } from '../../store/data-directory.ts'
import { checkChromium } from './chromium.ts'
import { checkDatabase } from './database.ts'
import { checkElectron } from './electron.ts'
import { checkPolicy } from './policy.ts'
import { checkReaders } from './readers.ts'
import { checkRuntime } from './runtime.ts'
import { checkSite } from './site.ts'
import { checkVault } from './vault.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-doctor-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('runtime', () => {
  test('an older Node needs attention', async () => {
    expect(await checkRuntime({ node: '20.20.2' })()).toMatchObject({ state: 'attention' })
    expect(await checkRuntime({ node: '24.0.0' })()).toMatchObject({ state: 'ok', next: null })
  })
})

describe('electron', () => {
  test('is found by its binary, not by its package', async () => {
    const electron = join(folder, 'node_modules', 'electron')
    await mkdir(join(electron, 'dist'), { recursive: true })
    await writeFile(join(electron, 'package.json'), '{"version":"45.4.1"}')
    const look = checkElectron({ projectFolder: folder, environment: {} })
    expect(await look()).toMatchObject({ state: 'attention', facts: { found: false } })
    await writeFile(join(electron, 'path.txt'), 'electron')
    expect(await look()).toMatchObject({ state: 'attention', facts: { found: false } })
    await writeFile(join(electron, 'dist', 'electron'), '')
    expect(await look()).toMatchObject({ state: 'ok', facts: { found: true, version: '45.4.1' } })
  })
})

describe('chromium', () => {
  test('is information only, whatever is found', async () => {
    const environment = { PATH: join(folder, 'bin') }
    const look = checkChromium({ projectFolder: folder, environment })
    expect(await look()).toMatchObject({ state: 'information', facts: { source: null } })
    await mkdir(join(folder, 'bin'))
    await writeFile(join(folder, 'bin', 'chromium'), '', { mode: 0o755 })
    expect(await look()).toMatchObject({ state: 'information', facts: { source: 'system' } })
  })
})

describe('readers', () => {
  const device = {
    path: '/dev/hidraw0',
    vendorId: 0x0c27,
    productId: 0x3bfa,
    serialNumber: 'secret-serial',
    product: 'reader',
    usagePage: 1,
    usage: 6,
  }
  const found = { list: async () => [device] }

  test('a reader that this account may use is named by its model only', async () => {
    const finding = await checkReaders({
      port: found,
      platform: 'linux',
      mayOpen: async () => true,
    })()
    expect(finding).toMatchObject({ state: 'ok', summary: 'RF IDeas pcProx / WAVE ID' })
    expect(JSON.stringify(finding)).not.toMatch(/secret-serial/)
  })

  test('a reader without permission needs attention on Linux', async () => {
    const denied = { port: found, mayOpen: async () => false }
    expect(await checkReaders({ ...denied, platform: 'linux' })()).toMatchObject({
      state: 'attention',
      next: expect.stringMatching(/udev/),
    })
    expect(await checkReaders({ ...denied, platform: 'win32' })()).toMatchObject({ state: 'ok' })
  })

  test('no reader needs attention, and sign-in without a badge is named', async () => {
    const other = { list: async () => [{ ...device, vendorId: 1 }] }
    expect(await checkReaders({ port: other })()).toMatchObject({
      state: 'attention',
      next: expect.stringMatching(/without a badge/),
    })
  })

  test('a missing system library is named with what installs it', async () => {
    const missing = {
      list: async () => {
        throw new Error(
          'libusb-1.0.so.0: cannot open shared object file: No such file or directory',
        )
      },
    }
    expect(await checkReaders({ port: missing, platform: 'linux' })()).toMatchObject({
      state: 'attention',
      summary: expect.stringMatching(/libusb-1\.0\.so\.0 is missing/),
      next: expect.stringMatching(/apt-get install libusb-1\.0-0/),
      facts: { loaded: false, library: 'libusb-1.0.so.0' },
    })
  })
})

describe('database', () => {
  test('none yet is no fault, and none is created', async () => {
    const look = checkDatabase({ dataFolder: folder })
    expect(await look()).toMatchObject({ state: 'information', facts: { found: false } })
    expect(await look()).toMatchObject({ facts: { found: false } })
  })

  test('an intact one is ok', async () => {
    using database = new DatabaseSync(databasePath(folder))
    database.exec('CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)')
    expect(await checkDatabase({ dataFolder: folder })()).toMatchObject({ state: 'ok' })
  })

  test('a damaged one needs attention', async () => {
    await writeFile(
      databasePath(folder),
      'not a database at all, but long enough to be read as one',
    )
    expect(await checkDatabase({ dataFolder: folder })()).toMatchObject({ state: 'attention' })
  })

  test('one that is locked is not called damaged', async () => {
    using database = new DatabaseSync(databasePath(folder))
    database.exec('CREATE TABLE t (a INTEGER); BEGIN EXCLUSIVE')
    expect(await checkDatabase({ dataFolder: folder, timeout: 10 })()).toMatchObject({
      state: 'information',
    })
  })
})

describe('policy', () => {
  test.each([
    ['{}', 'ok'],
    ['{"session.overall":3600000}', 'ok'],
    ['{"session.overall":"long"}', 'attention'],
    ['{"no.such.setting":1}', 'attention'],
    ['[', 'attention'],
  ])('a file of %s is %s', async (text, state) => {
    const path = join(folder, 'policy.json')
    await writeFile(path, text)
    expect(await checkPolicy({ path })()).toMatchObject({ state })
  })

  test('no file is no fault', async () => {
    expect(await checkPolicy({ path: join(folder, 'none') })()).toMatchObject({
      state: 'information',
    })
  })
})

describe('site', () => {
  test.each([
    ['{"rpId":"willowbrook.example","workstation":"ws-1"}', 'ok'],
    ['{"workstation":"ws-1"}', 'attention'],
    ['not JSON', 'attention'],
  ])('a site.json of %s is %s', async (text, state) => {
    await writeFile(join(folder, 'site.json'), text)
    expect(await checkSite({ dataFolder: folder })()).toMatchObject({ check: 'site', state })
  })

  test('none needs attention: the agent would start into a fault', async () => {
    expect(await checkSite({ dataFolder: folder })()).toMatchObject({
      state: 'attention',
      next: expect.stringMatching(/configuration/),
    })
  })
})

describe('vault', () => {
  const secrets = new Map<string, string>()
  const working = async () => {
    return {
      getPassword: async (_: string, account: string) => secrets.get(account) ?? null,
      setPassword: async (_: string, account: string, secret: string) =>
        void secrets.set(account, secret),
      deletePassword: async (_: string, account: string) => secrets.delete(account),
    }
  }
  const missing = async () => {
    throw new Error('AccessDenied')
  }
  const chosen = (kind: string) =>
    writeFile(join(folder, 'vault-kind.json'), JSON.stringify({ kind, id: 'abc' }), { mode: 0o600 })

  test('a secret store that keeps what it is given is ok, and nothing is left in it', async () => {
    const look = checkVault({ dataFolder: folder, keyring: working })
    expect(await look()).toMatchObject({ state: 'ok', facts: { kind: null, keyring: true } })
    expect(secrets.size).toBe(0)
  })

  test('none needs attention and says what to start', async () => {
    expect(await checkVault({ dataFolder: folder, keyring: missing })()).toMatchObject({
      state: 'attention',
      summary: expect.stringMatching(/AccessDenied/),
      next: expect.stringMatching(/keyring/),
    })
  })

  test('keys in a plain file need attention even where a secret store works', async () => {
    await chosen('file')
    expect(await checkVault({ dataFolder: folder, keyring: working })()).toMatchObject({
      state: 'attention',
      facts: { kind: 'file' },
    })
  })

  test('keys that Electron encrypts do not need the secret store', async () => {
    await chosen('safe-storage')
    expect(await checkVault({ dataFolder: folder, keyring: missing })()).toMatchObject({
      state: 'information',
    })
  })
})
