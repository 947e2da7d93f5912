import {
  type AuthenticationResponseJSON,
  verifyAuthenticationResponse,
} from '@simplewebauthn/server'
import { decodeClientDataJSON } from '@simplewebauthn/server/helpers'
import { z } from 'zod'
import type { CredentialResponse } from '../protocol/index.ts'
import { readPlain, verifyPlain } from './plain-assertion.ts'

/** Larger responses are refused before anything parses them (1 MB costs 30 ms of CPU). */
export const maxResponseBytes = 16 * 1024

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/)
const shape = z.looseObject({
  id: base64url.max(2048),
  rawId: base64url.max(2048),
  type: z.literal('public-key'),
  response: z.looseObject({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.nullish(),
  }),
})

/** Why an assertion proves nothing; for the record, never for the screen. */
export type AssertionFault =
  | 'too-large'
  | 'malformed'
  | 'type'
  | 'challenge'
  | 'origin'
  | 'cross-origin'
  | 'rp-id'
  | 'not-present'
  | 'signature'
  | 'user-handle'
  | 'counter-back'

export type AssertionVerdict =
  | { readonly ok: false; readonly fault: AssertionFault }
  | {
      readonly ok: true
      readonly userVerified: boolean
      readonly counter: number
      readonly synced: boolean
      readonly backedUp: boolean
      /** As base64url; null when the authenticator sent none. */
      readonly userHandle: string | null
    }

export interface AssertionExpectation {
  readonly challenge: string
  readonly origin: string
  readonly rpId: string
  readonly credential: { readonly id: string; readonly publicKey: Uint8Array }
}

const failed = (fault: AssertionFault): AssertionVerdict => ({ ok: false, fault })

/**
 * Checks one assertion against what was asked (WebAuthn L3, 7.2), except for what needs the
 * transaction: single use of the challenge, state of the passkey and its counter. User verification
 * is reported, not required. A plain assertion is verified here, at a quarter of the cost; the
 * library does the rest, and says what is wrong with one that did not verify.
 */
export async function verifyAssertion(
  response: CredentialResponse,
  want: AssertionExpectation,
): Promise<AssertionVerdict> {
  const { fault, parsed } = readResponse(response, want)
  if (!parsed) return failed(fault)
  const { publicKey } = want.credential
  const plain = parsed.id === parsed.rawId ? readPlain(parsed.response, publicKey) : null
  const facts = plain && verifyPlain(plain, want.rpId)
  if (facts) return { ok: true, ...facts, userHandle: parsed.response.userHandle ?? null }
  const verdict = await askLibrary(parsed, want)
  // The library reads signatures leniently, so that one has many forms.
  return plain && verdict.ok ? failed('malformed') : verdict
}

/** As `verifyAssertion`, by the library alone: what the tests compare it with. */
export async function verifyByLibrary(
  response: CredentialResponse,
  want: AssertionExpectation,
): Promise<AssertionVerdict> {
  const { fault, parsed } = readResponse(response, want)
  return parsed ? askLibrary(parsed, want) : failed(fault)
}

type Parsed = z.output<typeof shape>

/** The response in its shape, as far as it answers what was asked; or what is wrong with it. */
function readResponse(
  response: CredentialResponse,
  want: AssertionExpectation,
): { fault: null; parsed: Parsed } | { fault: AssertionFault; parsed: null } {
  const wrong = (fault: AssertionFault) => ({ fault, parsed: null })
  if (JSON.stringify(response).length > maxResponseBytes) return wrong('too-large')
  const { data } = shape.safeParse(response)
  if (!data) return wrong('malformed')
  const fault = faultOfClientData(data.response.clientDataJSON, want)
  return fault ? wrong(fault) : { fault, parsed: data }
}

async function askLibrary(
  parsed: Parsed,
  { challenge, origin, rpId, credential }: AssertionExpectation,
): Promise<AssertionVerdict> {
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...parsed, clientExtensionResults: {} } as unknown as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      expectedType: 'webauthn.get',
      requireUserVerification: false,
      // Zero: the stored counter is compared in the transaction, where it cannot change meanwhile.
      credential: {
        id: credential.id,
        publicKey: new Uint8Array(credential.publicKey),
        counter: 0,
      },
    })
    if (!verified) return failed('signature')
    return {
      ok: true,
      userVerified: authenticationInfo.userVerified,
      counter: authenticationInfo.newCounter,
      synced: authenticationInfo.credentialDeviceType === 'multiDevice',
      backedUp: authenticationInfo.credentialBackedUp,
      userHandle: parsed.response.userHandle ?? null,
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'UnexpectedRPIDHash') return failed('rp-id')
    if (error instanceof Error && error.message.startsWith('User not present'))
      return failed('not-present')
    return failed('malformed')
  }
}

/** The checks of the client data by name, so that the record can say what was wrong. */
export function faultOfClientData(
  clientDataJSON: string,
  want: { readonly challenge: string; readonly origin: string; readonly type?: string },
): AssertionFault | null {
  try {
    const client = decodeClientDataJSON(clientDataJSON)
    if (client.type !== (want.type ?? 'webauthn.get')) return 'type'
    if (client.challenge !== want.challenge) return 'challenge'
    if (client.origin !== want.origin) return 'origin'
    // The library lets a cross-origin frame pass when the browser names no top origin.
    if (client.crossOrigin === true || client.topOrigin !== undefined) return 'cross-origin'
    return null
  } catch {
    return 'malformed'
  }
}
