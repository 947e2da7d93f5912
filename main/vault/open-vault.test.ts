import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Keyring } from './keyring-vault.ts'
import { loadKeys } from './keys.ts'
import { describeVault, openVault, type OpenVaultOptions } from './open-vault.ts'
import type { SafeStorage } from './safe-storage-vault.ts'

function workingKeyring(entries = new Map<string, string>()): Keyring {
  return {
    async getPassword(service, account) {
      return entries.get(`${service} ${account}`) ?? null
    },
    async setPassword(service, account, password) {
      entries.set(`${service} ${account}`, password)
    },
    async deletePassword(service, account) {
      return entries.delete(`${service} ${account}`)
    },
  }
}
const deniedKeyring: Keyring = {
  getPassword: async () => null,
  setPassword: async () => {
    throw new Error("Couldn't access platform storage: AccessDenied")
  },
  deletePassword: async () => false,
}
const forgetfulKeyring: Keyring = {
  getPassword: async () => null,
  setPassword: async () => {},
  deletePassword: async () => true,
}

function workingSafeStorage(over: Partial<SafeStorage> = {}): SafeStorage {
  return {
    isAsyncEncryptionAvailable: async () => true,
    encryptStringAsync: async (text) => Buffer.from(text).map((byte) => byte ^ 0x5a) as Buffer,
    decryptStringAsync: async (bytes) => ({
      result: Buffer.from(bytes.map((byte) => byte ^ 0x5a)).toString(),
      shouldReEncrypt: false,
    }),
    getSelectedStorageBackend: () => 'gnome_libsecret',
    ...over,
  }
}

const key = Uint8Array.from({ length: 138 }, (_, at) => at)

describe('the vault', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lanyard-vault-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  const open = (over: Partial<OpenVaultOptions> = {}) =>
    openVault({
      safeStorage: null,
      directory,
      allowFile: false,
      keyring: async () => deniedKeyring,
      platform: 'linux',
      ...over,
    })
  const unloadable = () => Promise.reject(new Error('Cannot find native binding'))

  const stores: readonly [string, Partial<OpenVaultOptions>, string][] = [
    ['the keyring', { keyring: async () => sharedKeyring }, 'os'],
    ['safeStorage', { safeStorage: workingSafeStorage() }, 'safe-storage'],
    ['a file', { allowFile: true }, 'file'],
    [
      'a file where the native module does not load',
      { allowFile: true, keyring: unloadable },
      'file',
    ],
  ]
  const sharedKeyring = workingKeyring()

  test.each(stores)('keeps, replaces and deletes a key in %s', async (_, options, kind) => {
    const vault = await open(options)
    expect(vault.kind).toBe(kind)
    expect(await vault.get('log')).toBeNull()
    await vault.set('log', Uint8Array.of(1))
    await vault.set('log', key)
    const reopened = await open(options)
    expect(await reopened.get('log')).toEqual(key)
    await reopened.delete('log')
    expect(await vault.get('log')).toBeNull()
  })

  test.each(['badge-1', 'log', 'id-token', 'cookie'])(
    'a lost key %j is damage: it is not made anew, and advice says what to do',
    async (name) => {
      const vault = await open({ allowFile: true })
      const keys = await loadKeys(vault)
      const path = join(directory, 'vault.json')
      const before = await readFile(path, 'utf8')
      const { [name]: _, ...rest } = JSON.parse(before) as Record<string, string>
      await writeFile(path, JSON.stringify(rest))
      await expect(loadKeys(await open({ allowFile: true }))).rejects.toMatchObject({
        code: 'corrupt',
        message: expect.stringContaining(`"${name}"`),
        advice: expect.stringContaining('Restore'),
      })
      await writeFile(path, before)
      expect(await loadKeys(await open({ allowFile: true }))).toEqual(keys)
    },
  )

  test('all keys that are lost together are no first start either', async () => {
    const entries = new Map<string, string>()
    const keyring = async () => workingKeyring(entries)
    await loadKeys(await open({ keyring }))
    entries.clear()
    await expect(loadKeys(await open({ keyring }))).rejects.toMatchObject({ code: 'corrupt' })
    expect(entries.size).toBe(0)
  })

  test('a key from before keys were remembered is remembered when it is read', async () => {
    const vault = await open({ allowFile: true })
    await writeFile(join(directory, 'vault.json'), '{"log":"AQ=="}', { mode: 0o600 })
    expect(await vault.get('log')).toEqual(Uint8Array.of(1))
    await rm(join(directory, 'vault.json'))
    await expect(vault.get('log')).rejects.toMatchObject({ code: 'corrupt' })
  })

  test('parallel changes keep all keys', async () => {
    const vault = await open({ allowFile: true })
    const names = Array.from({ length: 20 }, (_, at) => `key-${at}`)
    await Promise.all(names.map((name) => vault.set(name, key)))
    for (const name of names) expect(await vault.get(name)).toEqual(key)
  })

  test('prefers the keyring to safeStorage and to a file', async () => {
    const everything = { safeStorage: workingSafeStorage(), allowFile: true }
    const vault = await open({ ...everything, keyring: async () => workingKeyring() })
    expect(vault.kind).toBe('os')
  })

  test('two data directories share no key in one keyring', async () => {
    const keyring = async () => sharedKeyring
    const first = await open({ keyring })
    const second = await open({ keyring, directory: join(directory, 'other') })
    await first.set('log', key)
    expect(await second.get('log')).toBeNull()
  })

  test('the probe leaves nothing in the keyring', async () => {
    const entries = new Map<string, string>()
    await open({ keyring: async () => workingKeyring(entries) })
    expect(entries.size).toBe(0)
  })

  test('a keyring that takes a secret and forgets it is damage, not a reason to go on', async () => {
    const opened = open({ keyring: async () => forgetfulKeyring, allowFile: true })
    await expect(opened).rejects.toMatchObject({ code: 'corrupt' })
  })

  test('a keyring that fails later does not lead to new keys elsewhere', async () => {
    await open({ keyring: async () => workingKeyring() })
    const again = open({ allowFile: true, safeStorage: workingSafeStorage() })
    await expect(again).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('a file stays the place of the keys when a keyring appears', async () => {
    await open({ allowFile: true })
    const vault = await open({ allowFile: true, keyring: async () => workingKeyring() })
    expect(vault.kind).toBe('file')
  })

  const refused: readonly [string, Partial<SafeStorage>][] = [
    ['has no keyring behind it', { getSelectedStorageBackend: () => 'basic_text' }],
    ['was asked too early', { getSelectedStorageBackend: () => 'unknown' }],
    ['cannot encrypt', { isAsyncEncryptionAvailable: async () => false }],
  ]
  test.each(refused)('safeStorage that %s is refused', async (_, over) => {
    const opened = open({ safeStorage: workingSafeStorage(over) })
    await expect(opened).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('Windows has no Linux backend to refuse', async () => {
    const safeStorage = workingSafeStorage({ getSelectedStorageBackend: () => 'unknown' })
    const vault = await open({ safeStorage, platform: 'win32' })
    expect(vault.kind).toBe('safe-storage')
  })

  test('safeStorage leaves no key readable in its file', async () => {
    const vault = await open({ safeStorage: workingSafeStorage() })
    await vault.set('log', key)
    const text = await readFile(join(directory, 'vault-encrypted.json'), 'utf8')
    expect(text).not.toContain(Buffer.from(key).toString('base64'))
  })

  test('a key that safeStorage wants encrypted again is encrypted again', async () => {
    let encrypted = 0
    const base = workingSafeStorage()
    const vault = await open({
      safeStorage: {
        ...base,
        encryptStringAsync: (text) => {
          encrypted++
          return base.encryptStringAsync(text)
        },
        decryptStringAsync: async (bytes) => ({
          ...(await base.decryptStringAsync(bytes)),
          shouldReEncrypt: true,
        }),
      },
    })
    await vault.set('log', key)
    expect(await vault.get('log')).toEqual(key)
    expect(encrypted).toBe(2)
  })

  test('a key that safeStorage cannot decrypt is damage, never a missing key', async () => {
    const broken = workingSafeStorage({
      decryptStringAsync: () => Promise.reject(new Error('decryption failed')),
    })
    await (await open({ safeStorage: workingSafeStorage() })).set('log', key)
    const vault = await open({ safeStorage: broken })
    await expect(vault.get('log')).rejects.toMatchObject({ code: 'corrupt' })
  })

  test('without a secret store and without leave for a file there is no vault, and advice', async () => {
    await expect(open()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('AccessDenied'),
      advice: expect.stringContaining('vault.allowFile'),
    })
    expect(await readdir(directory)).toEqual([])
  })

  test.runIf(process.platform !== 'win32')('the key file is for its owner alone', async () => {
    const vault = await open({ allowFile: true })
    await vault.set('log', key)
    const path = join(directory, 'vault.json')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await chmod(path, 0o644)
    await expect(vault.get('log')).rejects.toMatchObject({ code: 'corrupt' })
  })

  test.each(['', '{', '[]', '{"log":1}'])('a damaged key file %j is damage', async (text) => {
    const vault = await open({ allowFile: true })
    await writeFile(join(directory, 'vault.json'), text, { mode: 0o600 })
    await expect(vault.get('log')).rejects.toMatchObject({ code: 'corrupt' })
    await expect(vault.set('log', key)).rejects.toMatchObject({ code: 'corrupt' })
  })

  test('a damaged note of the choice is damage', async () => {
    await writeFile(join(directory, 'vault-kind.json'), '{"kind":"drawer","id":"1"}')
    await expect(open({ allowFile: true })).rejects.toMatchObject({ code: 'corrupt' })
  })

  test('a data directory that cannot be one is said to be unwritable', async () => {
    const path = join(directory, 'a-file')
    await writeFile(path, '')
    const opened = open({ allowFile: true, directory: path })
    await expect(opened).rejects.toMatchObject({ code: 'unwritable' })
  })

  test('the description for doctor says what is used and what the keyring says', async () => {
    const keyring = async () => deniedKeyring
    expect(await describeVault({ directory, keyring })).toEqual({
      kind: null,
      keyringProblem: expect.stringContaining('AccessDenied'),
    })
    await open({ allowFile: true })
    expect(await describeVault({ directory, keyring: async () => workingKeyring() })).toEqual({
      kind: 'file',
      keyringProblem: null,
    })
  })
})
