import { createPrivateKey, createPublicKey, hash, sign, type KeyObject } from 'node:crypto'

/** Signs checkpoints as C2SP signed notes with Ed25519 (signature type 0x01). */
export interface NoteSigner {
  /** The log's origin, which is the name of its key (tlog-checkpoint). */
  readonly name: string
  /** `name+hash+key`: what an auditor pins. */
  readonly verifierKey: string
  sign(text: string): string
}

const ed25519 = 1
/** PKCS #8 around a raw Ed25519 seed (RFC 8410 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** `name` has no white space and no `+`; `seed` is 32 bytes (RFC 8032 5.1.5). */
export function noteSigner(name: string, seed: Uint8Array): NoteSigner {
  if (!/^[^\s+]+$/u.test(name))
    throw new Error(`The log's origin must have no space and no plus: "${name}".`)
  if (seed.length !== 32)
    throw new Error(`The log's signing seed must have 32 bytes, got ${seed.length}.`)
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const material = Buffer.concat([Uint8Array.of(ed25519), rawPublicKey(key)])
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), material]), 'buffer')
  const keyHash = id.subarray(0, 4)
  return {
    name,
    verifierKey: `${name}+${keyHash.toString('hex')}+${material.toString('base64')}`,
    sign(text) {
      const signature = Buffer.concat([keyHash, sign(null, Buffer.from(text), key)])
      return `${text}\n\u2014 ${name} ${signature.toString('base64')}\n`
    },
  }
}

/** The origin in a verifier key. */
export const keyName = (verifierKey: string) => verifierKey.slice(0, verifierKey.indexOf('+'))

const rawPublicKey = (key: KeyObject) =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)

/** The signed text of a checkpoint (C2SP tlog-checkpoint): origin, size, root. */
export const checkpointText = (origin: string, size: number, root: Uint8Array) =>
  `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`
