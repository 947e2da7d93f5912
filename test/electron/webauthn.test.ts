import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShell, startBlank } from './fixtures/harness.ts'
import type { StandIn } from './launch.ts'

let standIn: StandIn
beforeAll(async () => {
  standIn = await startBlank()
})
afterAll(async () => {
  await standIn.close()
})

const withAuthenticator = async () => {
  const { view, page } = await openShell(standIn.electron)
  const { debugger: protocol } = view.webContents
  protocol.attach()
  await protocol.sendCommand('WebAuthn.enable')
  const { authenticatorId } = (await protocol.sendCommand('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })) as { authenticatorId: string }
  return { view, page, protocol, authenticatorId }
}

/** Runs in the page. */
const create = async (rpId: string) => {
  const credential = await navigator.credentials.create({
    publicKey: {
      rp: { id: rpId, name: 'Hospital' },
      user: { id: new Uint8Array([1]), name: 'n', displayName: 'N' },
      challenge: new Uint8Array(16),
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    },
  })
  return credential?.type
}
const get = async (rpId: string) => {
  const credential = (await navigator.credentials
    .get({ publicKey: { rpId, challenge: new Uint8Array(16), userVerification: 'required' } })
    .catch((error: Error) => error.name)) as PublicKeyCredential | string
  if (typeof credential === 'string') return credential
  const response = credential.response as AuthenticatorAssertionResponse
  const clientData = JSON.parse(new TextDecoder().decode(response.clientDataJSON)) as {
    origin: string
  }
  const flags = new Uint8Array(response.authenticatorData)[32] ?? 0
  return { origin: clientData.origin, userVerified: (flags & 4) !== 0 }
}

test('a passkey is made and used on the page of a protocol handler, for its parent domain', async () => {
  const { page, protocol, authenticatorId } = await withAuthenticator()
  expect(await page.evaluate(create, 'hospital.example')).toBe('public-key')
  expect(await page.evaluate(get, 'hospital.example')).toEqual({
    origin: 'https://agent.hospital.example',
    userVerified: true,
  })
  const { credentials } = (await protocol.sendCommand('WebAuthn.getCredentials', {
    authenticatorId,
  })) as { credentials: { rpId: string; signCount: number }[] }
  expect(credentials).toMatchObject([{ rpId: 'hospital.example', isResidentCredential: true }])
})

test('a foreign relying party and an unverified user are refused', async () => {
  const { page, protocol, authenticatorId } = await withAuthenticator()
  expect(await page.evaluate(get, 'bank.example')).toBe('SecurityError')
  await page.evaluate(create, 'hospital.example')
  await protocol.sendCommand('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
  expect(await page.evaluate(get, 'hospital.example')).toBe('NotAllowedError')
})

test('credentials can be carried from one page to another, as a person carries a key', async () => {
  const first = await withAuthenticator()
  await first.page.evaluate(create, 'hospital.example')
  const { credentials } = (await first.protocol.sendCommand('WebAuthn.getCredentials', {
    authenticatorId: first.authenticatorId,
  })) as { credentials: object[] }
  const second = await withAuthenticator()
  for (const credential of credentials)
    await second.protocol.sendCommand('WebAuthn.addCredential', {
      authenticatorId: second.authenticatorId,
      credential,
    })
  expect(await second.page.evaluate(get, 'hospital.example')).toMatchObject({ userVerified: true })
})

test('the debugger refuses a second attach, and commands while detached', async () => {
  const { protocol } = await withAuthenticator()
  expect(() => protocol.attach()).toThrow('Debugger is already attached to the target')
  expect(protocol.isAttached()).toBe(true)
  protocol.detach()
  expect(protocol.isAttached()).toBe(false)
  await expect(protocol.sendCommand('WebAuthn.enable')).rejects.toThrow('No target available')
})
