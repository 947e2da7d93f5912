import { randomBytes } from 'node:crypto'
import {
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { z } from 'zod'
import type { Person } from '../identities/people.ts'
import { displayName } from '../names.ts'
import type { CredentialResponse } from '../protocol/index.ts'
import type { Services } from '../services.ts'
import { faultOfClientData, maxResponseBytes } from './assertion.ts'

/** ES256, EdDSA, RS256 (COSE): what security keys and platforms have had for years. */
const algorithms = [-7, -8, -257]

const transportSchema = z.enum(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'])

/** Creation options (WebAuthn L3, 5.4): discoverable, user verification required, no attestation. */
export async function registrationOptions(
  { rpId, policy }: Pick<Services, 'rpId' | 'policy'>,
  person: Person,
  exclude: readonly { readonly id: string; readonly transports: readonly string[] }[],
) {
  return generateRegistrationOptions({
    rpName: 'Lanyard',
    rpID: rpId,
    userID: new Uint8Array(Buffer.from(person.user_handle, 'base64url')),
    userName: displayName(person),
    userDisplayName: displayName(person),
    challenge: new Uint8Array(randomBytes(32)),
    timeout: policy['passkey.timeout'],
    attestationType: 'none',
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: algorithms,
    excludeCredentials: exclude.map(({ id, transports }) => ({ id, transports: [...transports] })),
  })
}

export type RegistrationVerdict =
  | { readonly ok: false; readonly reason: 'invalid' | 'not-verified' }
  | {
      readonly ok: true
      readonly credentialId: string
      readonly publicKey: Uint8Array
      readonly counter: number
      readonly transports: readonly string[]
      readonly synced: boolean
      readonly backedUp: boolean
      readonly aaguid: string
    }

/** Checks a new credential against its challenge (WebAuthn L3, 7.1). */
export async function verifyRegistration(
  response: CredentialResponse,
  { challenge, origin, rpId }: { challenge: string; origin: string; rpId: string },
): Promise<RegistrationVerdict> {
  if (JSON.stringify(response).length > maxResponseBytes) return { ok: false, reason: 'invalid' }
  const { clientDataJSON } = response.response
  if (typeof clientDataJSON !== 'string') return { ok: false, reason: 'invalid' }
  const want = { challenge, origin, type: 'webauthn.create' }
  if (faultOfClientData(clientDataJSON, want)) return { ok: false, reason: 'invalid' }
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { clientExtensionResults: {}, ...response } as unknown as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      expectedType: 'webauthn.create',
      requireUserVerification: false,
      supportedAlgorithmIDs: algorithms,
    })
    if (!verified) return { ok: false, reason: 'invalid' }
    if (!registrationInfo.userVerified) return { ok: false, reason: 'not-verified' }
    const { credential } = registrationInfo
    const transports = z.array(transportSchema).max(7).catch([])
    return {
      ok: true,
      credentialId: credential.id,
      publicKey: credential.publicKey,
      counter: credential.counter,
      transports: transports.parse(credential.transports ?? []),
      synced: registrationInfo.credentialDeviceType === 'multiDevice',
      backedUp: registrationInfo.credentialBackedUp,
      aaguid: registrationInfo.aaguid,
    }
  } catch {
    return { ok: false, reason: 'invalid' }
  }
}
