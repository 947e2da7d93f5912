import { createPrivateKey, randomBytes } from 'node:crypto'
import { isoCBOR } from '@simplewebauthn/server/helpers'
import { badgeTag } from '../../main/authority/identities/badge-tag.ts'
import type { Database } from '../../main/store/port.ts'
import { rpId } from './authority.ts'
import { badgeKey } from './nodes.ts'
import { createPasskey, type CredentialJson } from './passkey.ts'

/** Invented staff with badge and passkey, ready to sign in. */
export interface ReadyPerson {
  readonly personId: string
  readonly badge: string
  answer(options: { readonly challenge: string }): CredentialJson
}

/** One key for all of them: making keys is not what these tests are about. */
const { privateKey } = createPasskey({ rpId })
const der = Buffer.from(privateKey, 'base64')

function publicKey(): Uint8Array {
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  return isoCBOR.encode(
    new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
      [-3, new Uint8Array(Buffer.from(y, 'base64url'))],
    ]),
  )
}

/** Puts people straight into the tables, many at once. */
export async function addPeople(
  db: Database,
  prefix: string,
  count: number,
): Promise<readonly ReadyPerson[]> {
  const cose = publicKey()
  const people = Array.from({ length: count }, (_, n) => ({
    personId: `${prefix}-${n}`,
    badge: `badge-${prefix}-${n}`,
    handle: randomBytes(32).toString('base64url'),
    key: createPasskey({ rpId, synced: true, privateKey: der }),
  }))
  await db.write(async (tx) => {
    await tx
      .insertInto('people')
      .values(
        people.map(({ personId, handle }, n) => ({
          person_id: personId,
          given: 'Nurse',
          family: `Example ${n}`,
          role: 'nurse',
          user_handle: handle,
          applications: '["ehr"]',
          patient: null,
          roster: null,
        })),
      )
      .execute()
    await tx
      .insertInto('badges')
      .values(
        people.map(({ personId, badge }) => ({
          tag: badgeTag(badgeKey, badge),
          key_version: 1,
          badge_id: badge,
          card_id: badge,
          person_id: personId,
          directory_person_id: null,
          name: 'Badge',
          kind: 'permanent' as const,
          status: 'active' as const,
          technology: '',
          stock: 0 as const,
          assigned_at: 0,
          ends_at: null,
          last_seen_at: null,
          last_seen_workstation_id: null,
          last_seen_workstation_name: null,
        })),
      )
      .execute()
    await tx
      .insertInto('passkeys')
      .values(
        people.map(({ personId, key }) => ({
          passkey_id: key.id,
          person_id: personId,
          name: 'Key',
          public_key: cose,
          counter: 0,
          transports: '["usb"]',
          backup_eligible: 1 as const,
          backed_up: 1 as const,
          aaguid: '00000000-0000-0000-0000-000000000000',
          failed_attempts: 0,
          created_at: 0,
          last_used_at: null,
          revoked_at: null,
        })),
      )
      .execute()
  })
  return people.map(({ personId, badge, handle, key }) => ({
    personId,
    badge,
    answer: (options) => key.assert(options, { userHandle: handle }),
  }))
}
