import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CompactSign, generateKeyPair } from 'jose'
import { afterEach, expect, test } from 'vitest'
import { rpId } from '../../test/support/authority.ts'
import { bundleKeys, bundleSeed } from '../../test/support/offline.ts'
import { journalPlace } from '../../test/support/journal.ts'
import { bundleSigner, deviceKey } from '../authority/offline/bundle-key.ts'
import { type Bundle, bundleKeyId, bundleSettings } from '../authority/protocol/index.ts'
import { bundleSchema } from '../authority/protocol/bundle.ts'
import { settings } from '../policy/settings.ts'
import { openBundleKeeper } from './bundle-keeper.ts'
import { faultOfAge, readBundle } from './read-bundle.ts'

const expectation = {
  bundleKeys,
  workstationId: 'ws-1',
  rpId,
  origin: `https://agent.${rpId}`,
}
const bundle = (change: Partial<Bundle> = {}): Bundle =>
  bundleSchema.parse({
    version: 1,
    bundleId: 'b-1',
    workstation: { id: 'ws-1', name: 'Ward 3' },
    rpId,
    origin: `https://agent.${rpId}`,
    issuedAt: 1_000,
    expiresAt: 2_000,
    policy: Object.fromEntries(bundleSettings.map((name) => [name, settings[name].default])),
    applications: [],
    people: [],
    revoked: { people: [], passkeys: [] },
    emergency: { perDay: 20, life: 1 },
    auditKey: null,
    ...change,
  })
const signer = bundleSigner(bundleSeed)
const hexKey = '0'.repeat(64)

test('a bundle of the pinned key for this workstation is believed', async () => {
  const jws = await signer.sign(bundle())
  await expect(readBundle(jws, expectation)).resolves.toEqual({ ok: true, bundle: bundle() })
})

test.each([
  ['of another key', 'unknown-key', () => bundleSigner(new Uint8Array(32).fill(1)).sign(bundle())],
  [
    'for another workstation',
    'other-workstation',
    () => signer.sign(bundle({ workstation: { id: 'ws-2' as never, name: 'Ward 4' } })),
  ],
  [
    'of another house',
    'other-house',
    () =>
      signer.sign(bundle({ rpId: 'elsewhere.example', origin: 'https://agent.elsewhere.example' })),
  ],
  [
    'with a changed payload',
    'signature',
    async () => {
      const [header, , signature] = (await signer.sign(bundle())).split('.')
      const payload = Buffer.from(JSON.stringify(bundle({ expiresAt: 9e12 }))).toString('base64url')
      return `${header}.${payload}.${signature}`
    },
  ],
  [
    'without a signature',
    'signature',
    async () => {
      const [, payload] = (await signer.sign(bundle())).split('.')
      const header = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
      return `${header}.${payload}.`
    },
  ],
  [
    'signed by another key in the pinned one’s name',
    'signature',
    async () => {
      const { privateKey } = await generateKeyPair('EdDSA')
      const [key] = bundleKeys
      const kid = key ? bundleKeyId(key) : ''
      return new CompactSign(Buffer.from(JSON.stringify(bundle())))
        .setProtectedHeader({ alg: 'EdDSA', typ: 'lanyard-bundle+jws', kid })
        .sign(privateKey)
    },
  ],
  [
    'with something unknown in it',
    'malformed',
    () => signer.sign({ ...bundle(), more: 1 } as never),
  ],
  ['that is no JWS', 'signature', () => Promise.resolve('x')],
])('a bundle %s is refused: %s', async (_, reason, make) => {
  await expect(readBundle(await make(), expectation)).resolves.toEqual({ ok: false, reason })
})

test.each([
  ['in its time', { issuedAt: 1_000, expiresAt: 2_000 }, 1_500, null, null],
  ['at its end', { issuedAt: 1_000, expiresAt: 2_000 }, 2_000, null, 'expired'],
  ['far from now', { issuedAt: 10_000_000, expiresAt: 20_000_000 }, 1_500, null, 'future'],
  ['older than the one that is held', { issuedAt: 1_000, expiresAt: 2_000 }, 1_500, 1_001, 'older'],
  ['as old as the one that is held', { issuedAt: 1_000, expiresAt: 2_000 }, 1_500, 1_000, null],
])('a bundle %s', (_, times, now, held, fault) => {
  expect(faultOfAge(times, now, held === null ? null : { issuedAt: held })).toBe(fault)
})

const places: string[] = []
afterEach(async () => {
  for (const directory of places.splice(0)) await rm(directory, { recursive: true })
})
async function keeperPlace() {
  const { directory, keys } = await journalPlace()
  places.push(directory)
  return { ...expectation, directory, keys }
}

test('the newest bundle is kept over a restart, sealed, and an older one does not take its place', async () => {
  const options = await keeperPlace()
  const keeper = await openBundleKeeper(options)
  const newer = {
    bundle: await signer.sign(bundle({ bundleId: 'b-2', issuedAt: 1_200 })),
    deviceKey: hexKey,
  }
  const older = { bundle: await signer.sign(bundle()), deviceKey: hexKey }
  await expect(keeper.offer(newer, 1_500)).resolves.toBe('kept')
  await expect(keeper.offer(older, 1_500)).resolves.toBe('older')
  const again = await openBundleKeeper(options)
  expect(again.held?.bundle.bundleId).toBe('b-2')
  await expect(again.offer(older, 1_500)).resolves.toBe('older')
})

test('a bundle file that was changed, or sealed with another key, is no bundle', async () => {
  const options = await keeperPlace()
  const keeper = await openBundleKeeper(options)
  await keeper.offer({ bundle: await signer.sign(bundle()), deviceKey: hexKey }, 1_500)
  const other = await keeperPlace()
  const stranger = await openBundleKeeper({ ...options, keys: other.keys })
  expect(stranger.held).toBeNull()
  await writeFile(join(options.directory, 'bundle'), 'changed')
  const changed = await openBundleKeeper(options)
  expect(changed.held).toBeNull()
})

test('each workstation has badge tags of its own', () => {
  const key = new Uint8Array(32).fill(7)
  expect(deviceKey(key, 'ws-1')).not.toEqual(deviceKey(key, 'ws-2'))
  expect(deviceKey(key, 'ws-1')).toEqual(deviceKey(key, 'ws-1'))
})
