import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { badgeTag } from '../../main/authority/identities/badge-tag.ts'
import type { Tx } from '../../main/store/port.ts'
import { createPasskey, type SoftwarePasskey } from '../support/passkey.ts'

export const rpId = 'lanyard.example'
export const origin = `https://agent.${rpId}`
/** The log of every authority here, so that one can be filled before it is opened. */
export const logKey = { origin: `${rpId}/bench`, seed: new Uint8Array(32).fill(17) }
export const badgeKey = { version: 1, key: new Uint8Array(32).fill(7) }

/** An invented person with one badge and one passkey. */
export interface BenchPerson {
  readonly personId: string
  /** As the reader would report it. */
  readonly badge: string
  readonly passkey: SoftwarePasskey
  readonly userHandle: string
  /** COSE key. */
  readonly publicKey: Uint8Array
}

/** EC2 key of P-256 for ES256 (RFC 9053, 7.1.1), the form in which authenticators hand it over. */
function coseKey(key: KeyObject): Uint8Array {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  return Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'),
    Buffer.from(y, 'base64url'),
  ])
}

export function invent(count: number, prefix = 'p'): BenchPerson[] {
  return Array.from({ length: count }, (_, at) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const der = privateKey.export({ format: 'der', type: 'pkcs8' })
    const personId = `${prefix}-${at}`
    return {
      personId,
      badge: `badge-${personId}`,
      passkey: createPasskey({ rpId, origin, privateKey: der }),
      userHandle: randomBytes(32).toString('base64url'),
      publicKey: coseKey(createPublicKey(privateKey)),
    }
  })
}

const rowsPerInsert = 200

/** Loads people, their badges and their passkeys as if they had been enrolled long ago. */
export async function load(tx: Tx, people: readonly BenchPerson[]): Promise<void> {
  for (let at = 0; at < people.length; at += rowsPerInsert) {
    const some = people.slice(at, at + rowsPerInsert)
    await tx
      .insertInto('people')
      .values(
        some.map(({ personId, userHandle }) => ({
          person_id: personId,
          given: 'Sample',
          family: `Person ${personId}`,
          role: 'nurse',
          user_handle: userHandle,
          applications: '["ehr"]',
          patient: 'P-1',
        })),
      )
      .execute()
    await tx
      .insertInto('badges')
      .values(
        some.map(({ personId, badge }) => ({
          tag: badgeTag(badgeKey, badge),
          key_version: 1,
          badge_id: `b-${personId}`,
          card_id: `c-${personId}`,
          person_id: personId,
          name: 'Badge',
          kind: 'permanent' as const,
          status: 'active' as const,
          technology: 'WIEGAND H10301',
          stock: 0 as const,
          assigned_at: 1,
        })),
      )
      .execute()
    await tx
      .insertInto('passkeys')
      .values(
        some.map(({ personId, passkey, publicKey }) => ({
          passkey_id: passkey.id,
          person_id: personId,
          name: 'Key',
          public_key: publicKey,
          counter: 0,
          transports: '["usb"]',
          backup_eligible: 0 as const,
          backed_up: 0 as const,
          aaguid: '00000000-0000-0000-0000-000000000000',
          failed_attempts: 0,
          created_at: 1,
          last_used_at: 1,
        })),
      )
      .execute()
  }
}

/** What the peer's own tables need. */
export const peerRows = (people: readonly BenchPerson[]) =>
  people.map(({ personId, passkey, publicKey }) => ({
    personId,
    passkeyId: passkey.id,
    publicKey: Buffer.from(publicKey).toString('base64'),
  }))
