import { createPrivateKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { loadKeys } from './keys.ts'
import { memoryVault } from './memory-vault.ts'

test('keys are made once and are the same from then on', async () => {
  const vault = memoryVault()
  const keys = await loadKeys(vault)
  expect(await loadKeys(vault)).toEqual(keys)
  expect(await loadKeys(memoryVault())).not.toEqual(keys)
})

test('keys have the form that the start message of the authority wants', async () => {
  const { badge, log, idToken, cookie } = await loadKeys(memoryVault())
  expect(badge.version).toBe(1)
  for (const key of [badge.key, log, cookie]) expect(key).toMatch(/^[0-9a-f]{64}$/)
  expect(new Set([badge.key, log, cookie]).size).toBe(3)
  const key = createPrivateKey({ key: Buffer.from(idToken, 'hex'), format: 'der', type: 'pkcs8' })
  expect(key.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
})

test('a vault that does not keep a key gives none', async () => {
  const vault = {
    get: async () => null,
    set: () => Promise.reject(new Error('locked')),
  }
  await expect(loadKeys(vault)).rejects.toThrow('locked')
})

test('the bytes of the memory vault are its own', async () => {
  const vault = memoryVault()
  const value = Uint8Array.of(1, 2)
  await vault.set('a', value)
  value.fill(0)
  expect(await vault.get('a')).toEqual(Uint8Array.of(1, 2))
})
