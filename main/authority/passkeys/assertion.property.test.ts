import { createPublicKey, createPrivateKey } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPasskey, type Dishonesty } from '../../../test/support/passkey.ts'
import type { CredentialResponse } from '../protocol/index.ts'
import { verifyAssertion, verifyByLibrary } from './assertion.ts'
import { readPlain, verifyPlain } from './plain-assertion.ts'

const rpId = 'lanyard.example'
const origin = `https://agent.${rpId}`
const challenge = 'cGF0aWVudHMtY29tZS1maXJzdA'
const passkey = createPasskey({ rpId })

function coseOf(der: string): Uint8Array {
  const key = createPublicKey(
    createPrivateKey({ key: Buffer.from(der, 'base64'), format: 'der', type: 'pkcs8' }),
  )
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  const part = (text: string) => Buffer.from(text, 'base64url')
  const bytes = [Buffer.from('a5010203262001215820', 'hex'), part(x)]
  return Buffer.concat([...bytes, Buffer.from('225820', 'hex'), part(y)])
}
const publicKey = coseOf(passkey.privateKey)

const want = (key = publicKey) => ({
  challenge,
  origin,
  rpId,
  credential: { id: passkey.id, publicKey: key },
})

type Fields = { clientDataJSON: string; authenticatorData: string; signature: string }
const assert = (lie: Dishonesty = {}) =>
  passkey.assert({ challenge }, { userHandle: 'AAAA', ...lie })
const fieldsOf = ({ response }: CredentialResponse) => response as unknown as Fields

const both = async (response: CredentialResponse, key = publicKey) => ({
  own: await verifyAssertion(response, want(key)),
  library: await verifyByLibrary(response, want(key)),
})

/** One change of some bytes, as often in one byte as in their number. */
const mutation = fc.record({
  at: fc.nat(400),
  to: fc.nat(255),
  how: fc.constantFrom('set', 'flip', 'cut', 'append', 'insert'),
})
type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never

function mutate(bytes: Buffer, { at, to, how }: Mutation): Buffer {
  const index = at % Math.max(1, bytes.length)
  const changed = Buffer.from(bytes)
  switch (how) {
    case 'set':
      changed[index] = to
      return changed
    case 'flip':
      changed[index] = (changed[index] ?? 0) ^ (1 << (to % 8))
      return changed
    case 'cut':
      return changed.subarray(0, index)
    case 'append':
      return Buffer.concat([changed, Buffer.alloc(1 + (at % 4), to)])
    default:
      return Buffer.concat([changed.subarray(0, index), Buffer.of(to), changed.subarray(index)])
  }
}

const lies = fc.record({
  userPresent: fc.boolean(),
  userVerified: fc.boolean(),
  synced: fc.boolean(),
  crossOrigin: fc.boolean(),
  counter: fc.constantFrom(0, 1, 2 ** 32 - 1),
  rpId: fc.constantFrom(rpId, 'evil.example'),
  origin: fc.constantFrom(origin, `${origin}.evil`),
  type: fc.constantFrom('webauthn.get', 'webauthn.create'),
  userHandle: fc.constantFrom(null, 'AAAA'),
  forged: fc.boolean(),
})

test('a plain assertion is read here, or the tests below compare the library with itself', () => {
  const plain = readPlain(fieldsOf(assert()), publicKey)
  expect(plain && verifyPlain(plain, rpId)).toMatchObject({ userVerified: true, synced: false })
})

test('whatever an authenticator claims, the library says the same of it', async () => {
  await fc.assert(
    fc.asyncProperty(lies, async (lie) => {
      const { own, library } = await both(assert(lie))
      expect(own).toEqual(library)
    }),
    { numRuns: 400 },
  )
})

test('nothing is accepted that the library refuses, and nothing else is said of it', async () => {
  let accepted = 0
  let stricter = 0
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('clientDataJSON', 'authenticatorData', 'signature', 'key'),
      fc.array(mutation, { minLength: 0, maxLength: 2 }),
      async (field, mutations) => {
        const response = assert()
        const fields = fieldsOf(response)
        let key = publicKey
        if (field === 'key') key = mutations.reduce(mutate, Buffer.from(publicKey))
        else {
          const bytes = mutations.reduce(mutate, Buffer.from(fields[field], 'base64url'))
          response.response = { ...fields, [field]: bytes.toString('base64url') }
        }
        const { own, library } = await both(response, key)
        if (own.ok) accepted += 1
        // Only signatures have forms that the library takes and this does not.
        const refused = library.ok && !own.ok
        if (refused) stricter += 1
        expect(refused && field !== 'signature').toBe(false)
        expect(own).toEqual(refused ? { ok: false, fault: 'malformed' } : library)
      },
    ),
    { numRuns: 3000 },
  )
  expect(accepted).toBeGreaterThan(100)
  expect(stricter).toBeGreaterThan(0)
})

test.each([
  ['bytes after the signature', (signature: Buffer) => Buffer.concat([signature, Buffer.of(0)])],
  ['a signature of 64 bare bytes', () => Buffer.alloc(64, 1)],
  ['r and s of zero', () => Buffer.from('3006020100020100', 'hex')],
  ['no signature', () => Buffer.alloc(0)],
])('%s prove nothing', async (_what, tamper) => {
  expect(await verifyAssertion(assert({ tamper }), want())).toMatchObject({ ok: false })
})

test('what a response says of itself besides its fields decides nothing', async () => {
  const response = { ...assert({ forged: true }), ok: true, fault: null, userVerified: true }
  expect(await verifyAssertion(response, want())).toMatchObject({ ok: false, fault: 'signature' })
})

test('a key that is not on the curve proves nothing', async () => {
  const key = Buffer.from(publicKey)
  key.fill(1, 45)
  expect(await verifyAssertion(assert(), want(key))).toEqual({ ok: false, fault: 'malformed' })
})
