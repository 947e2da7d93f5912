import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isoCBOR } from '@simplewebauthn/server/helpers'

/** As the browser hands it over (RegistrationResponseJSON, AuthenticationResponseJSON). */
export type CredentialJson = {
  id: string
  rawId: string
  type: 'public-key'
  response: Record<string, unknown>
  clientExtensionResults: Record<string, unknown>
  authenticatorAttachment: 'cross-platform'
}

/** What an honest authenticator and browser would not do, for tests of who must notice. */
export interface Dishonesty {
  readonly origin?: string
  readonly rpId?: string
  readonly challenge?: string
  readonly type?: string
  readonly crossOrigin?: boolean
  readonly userPresent?: boolean
  readonly userVerified?: boolean
  /** Backup eligibility and state, as a synced passkey has them. */
  readonly synced?: boolean
  readonly counter?: number
  /** Null: none is sent. */
  readonly userHandle?: string | null
  /** Signs with a key of somebody else. */
  readonly forged?: boolean
  /** Changes the signature's bytes. */
  readonly tamper?: (signature: Buffer) => Buffer
}

export interface SoftwarePasskey {
  /** base64url, as `PublicKeyCredential.id`. */
  readonly id: string
  readonly rpId: string
  /** PKCS #8 DER as base64, for `WebAuthn.addCredential` of the DevTools protocol. */
  readonly privateKey: string
  /** base64url; set by `register`. */
  readonly userHandle: string
  /** Signature counter of the next assertion; zero for ever when the passkey is synced. */
  readonly counter: number
  register(options: CreationOptions, lie?: Dishonesty): CredentialJson
  assert(options: { readonly challenge: string }, lie?: Dishonesty): CredentialJson
}

interface CreationOptions {
  readonly challenge: string
  readonly user?: unknown
}

const base64url = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url')
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest()

const newKey = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    format: 'der',
    type: 'pkcs8',
  })

/** A passkey in software: ES256, discoverable, made of what WebAuthn L3, 6.1 and 6.5 describe. */
export function createPasskey({
  rpId,
  origin = `https://agent.${rpId}`,
  synced = false,
  privateKey = newKey(),
}: {
  readonly rpId: string
  readonly origin?: string
  readonly synced?: boolean
  /** PKCS #8 DER. */
  readonly privateKey?: Buffer
}): SoftwarePasskey {
  const id = randomBytes(32)
  const key = createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' })
  let userHandle = ''
  let counter = synced ? 0 : 1

  function clientData(type: string, challenge: string, lie: Dishonesty): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: lie.type ?? type,
        challenge: lie.challenge ?? challenge,
        origin: lie.origin ?? origin,
        crossOrigin: lie.crossOrigin ?? false,
      }),
    )
  }

  function authenticatorData(lie: Dishonesty, count: number, attested?: Buffer): Buffer {
    const { userPresent = true, userVerified = true } = lie
    const isSynced = lie.synced ?? synced
    const flags =
      (userPresent ? 0x01 : 0) |
      (userVerified ? 0x04 : 0) |
      (isSynced ? 0x18 : 0) |
      (attested ? 0x40 : 0)
    const rest = Buffer.alloc(5)
    rest.writeUInt8(flags, 0)
    rest.writeUInt32BE(lie.counter ?? count, 1)
    return Buffer.concat([sha256(lie.rpId ?? rpId), rest, attested ?? Buffer.alloc(0)])
  }

  function attestedCredential(): Buffer {
    const { x = '', y = '' } = key.export({ format: 'jwk' })
    const cose = isoCBOR.encode(
      new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
        [-3, new Uint8Array(Buffer.from(y, 'base64url'))],
      ]),
    )
    const length = Buffer.alloc(2)
    length.writeUInt16BE(id.length)
    return Buffer.concat([Buffer.alloc(16), length, id, cose])
  }

  const credential = (response: Record<string, unknown>): CredentialJson => ({
    id: base64url(id),
    rawId: base64url(id),
    type: 'public-key',
    response,
    clientExtensionResults: {},
    authenticatorAttachment: 'cross-platform',
  })

  return {
    id: base64url(id),
    rpId,
    privateKey: privateKey.toString('base64'),
    get userHandle() {
      return userHandle
    },
    get counter() {
      return counter
    },
    register({ challenge, user }, lie = {}) {
      userHandle = (user as { id?: string } | undefined)?.id ?? userHandle
      const authData = authenticatorData(lie, 0, attestedCredential())
      const attestation = isoCBOR.encode(
        new Map<string, string | Uint8Array | Map<string, string>>([
          ['fmt', 'none'],
          ['attStmt', new Map<string, string>()],
          ['authData', new Uint8Array(authData)],
        ]),
      )
      return credential({
        clientDataJSON: base64url(clientData('webauthn.create', challenge, lie)),
        attestationObject: base64url(attestation),
        transports: ['usb'],
      })
    },
    assert({ challenge }, lie = {}) {
      const client = clientData('webauthn.get', challenge, lie)
      const authData = authenticatorData(lie, counter)
      if (!synced) counter += 1
      const signer =
        lie.forged === true
          ? createPrivateKey({ key: newKey(), format: 'der', type: 'pkcs8' })
          : key
      const signature = sign('sha256', Buffer.concat([authData, sha256(client)]), signer)
      const handle = lie.userHandle === undefined ? userHandle : lie.userHandle
      return credential({
        clientDataJSON: base64url(client),
        authenticatorData: base64url(authData),
        signature: base64url(lie.tamper?.(signature) ?? signature),
        ...(handle === null ? {} : { userHandle: handle }),
      })
    },
  }
}
