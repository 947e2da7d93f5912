import {
  type AuthenticationResponseJSON,
  verifyAuthenticationResponse,
} from '@simplewebauthn/server'
import { decodeClientDataJSON } from '@simplewebauthn/server/helpers'
import { z } from 'zod'
import type { CredentialResponse } from '../protocol/index.ts'

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
 * is reported, not required. The signature's bytes are malleable (lenient DER): never an id.
 */
export async function verifyAssertion(
  response: CredentialResponse,
  { challenge, origin, rpId, credential }: AssertionExpectation,
): Promise<AssertionVerdict> {
  if (JSON.stringify(response).length > maxResponseBytes) return failed('too-large')
  const parsed = shape.safeParse(response)
  if (!parsed.success) return failed('malformed')
  const { userHandle = null } = parsed.data.response

  const clientFault = faultOfClientData(parsed.data.response.clientDataJSON, { challenge, origin })
  if (clientFault) return failed(clientFault)

  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        ...parsed.data,
        clientExtensionResults: {},
      } as unknown as AuthenticationResponseJSON,
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
      userHandle,
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
