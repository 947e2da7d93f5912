import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto'

/** What nearly every authenticator sends: ES256 over authenticator data without extensions. */
export interface PlainAssertion {
  readonly rpIdHash: Buffer
  readonly flags: number
  readonly counter: number
  readonly signedData: Buffer
  /** Strict DER, or it does not verify. */
  readonly signature: Buffer
  /** COSE key of P-256 for ES256. */
  readonly publicKey: Uint8Array
}

export interface PlainFacts {
  readonly userVerified: boolean
  readonly counter: number
  readonly synced: boolean
  readonly backedUp: boolean
}

const flag = { userPresent: 0x01, userVerified: 0x04, synced: 0x08, backedUp: 0x10, more: 0xe2 }

const sha256 = (data: Uint8Array | string) => hash('sha256', data, 'buffer')

/** The bytes, unless there are several ways to write them and this is not the one. */
function canonicalBytes(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : null
}

/** Null: not plain, which says nothing about whether it is right. */
export function readPlain(
  response: {
    readonly clientDataJSON: string
    readonly authenticatorData: string
    readonly signature: string
  },
  publicKey: Uint8Array,
): PlainAssertion | null {
  const client = canonicalBytes(response.clientDataJSON)
  const data = canonicalBytes(response.authenticatorData)
  const signature = canonicalBytes(response.signature)
  if (!client || !data || !signature) return null
  // Attested data, extensions and reserved flags are the library's to read.
  const flags = data[32] ?? 0
  if (data.length !== 37 || (flags & flag.more) !== 0) return null
  if (!isEs256(publicKey) || hasTokenBinding(client)) return null
  return {
    rpIdHash: data.subarray(0, 32),
    flags,
    counter: data.readUInt32BE(33),
    signedData: Buffer.concat([data, sha256(client)]),
    signature,
    publicKey,
  }
}

/** What it proves; null: it proves nothing. Type, challenge and origin are checked elsewhere. */
export function verifyPlain(plain: PlainAssertion, rpId: string): PlainFacts | null {
  const { flags, counter, publicKey, signedData, signature } = plain
  const has = (one: number) => (flags & one) !== 0
  if (!sha256(rpId).equals(plain.rpIdHash) || !has(flag.userPresent)) return null
  if (has(flag.backedUp) && !has(flag.synced)) return null
  const key = keyOf(publicKey)
  if (!key || !verify('sha256', signedData, key, signature)) return null
  return {
    userVerified: has(flag.userVerified),
    counter,
    synced: has(flag.synced),
    backedUp: has(flag.backedUp),
  }
}

function hasTokenBinding(client: Buffer): boolean {
  try {
    const parsed: unknown = JSON.parse(client.toString())
    return typeof parsed !== 'object' || parsed === null || 'tokenBinding' in parsed
  } catch {
    return true
  }
}

/** `{1: 2, 3: -7, -1: 1, -2: x, -3: y}` in the one order and length of CTAP2's canonical CBOR. */
const coseHead = Buffer.from('a5010203262001215820', 'hex')
const coseBetween = Buffer.from('225820', 'hex')

const isEs256 = (key: Uint8Array) =>
  key.length === 77 &&
  coseHead.equals(key.subarray(0, 10)) &&
  coseBetween.equals(key.subarray(42, 45))

/** SubjectPublicKeyInfo of an uncompressed point of P-256 (RFC 5480), up to the point. */
const spkiHead = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex')

/** To read a key costs as much as to verify with it; each takes a few KB. */
const mostKeys = 8192
const keys = new Map<string, KeyObject>()

function keyOf(cose: Uint8Array): KeyObject | null {
  const name = Buffer.from(cose.subarray(10)).toString('latin1')
  const known = keys.get(name)
  if (known) return known
  try {
    const point = [cose.subarray(10, 42), cose.subarray(45, 77)]
    const key = createPublicKey({
      key: Buffer.concat([spkiHead, ...point]),
      format: 'der',
      type: 'spki',
    })
    const [oldest] = keys.keys()
    if (keys.size >= mostKeys && oldest !== undefined) keys.delete(oldest)
    keys.set(name, key)
    return key
  } catch {
    return null
  }
}
