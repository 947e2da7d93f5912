import { randomBytes } from 'node:crypto'
import { generateAuthenticationOptions } from '@simplewebauthn/server'
import type { Kysely } from 'kysely'
import type { Tx } from '../../store/port.ts'
import type { CeremonyTable } from '../../store/schema/authority.ts'
import type { Schema } from '../../store/schema/index.ts'
import type { Ceremony } from '../protocol/index.ts'
import type { Services } from '../services.ts'

export type CeremonyPurpose = 'sign-in' | 'witness' | 'override' | 'enrol' | 'badge'
export type CeremonyRow = Readonly<CeremonyTable>

export interface CeremonyRequest {
  readonly purpose: CeremonyPurpose
  readonly workstationId: string
  /** Whose passkeys may answer; null for usernameless. */
  readonly personId: string | null
  readonly tapId?: string | null
}

/** A ceremony ready to be stored: the options are made outside of the transaction. */
export interface PreparedCeremony {
  readonly view: Ceremony
  readonly row: CeremonyRow
}

/** Active passkeys of a person as credential descriptors. */
export async function descriptors(db: Kysely<Schema>, personId: string) {
  const passkeys = await db
    .selectFrom('passkeys')
    .select(['passkey_id', 'transports', 'failed_attempts'])
    .where('person_id', '=', personId)
    .where('revoked_at', 'is', null)
    .orderBy('created_at')
    .execute()
  return passkeys.map(({ passkey_id, transports, failed_attempts }) => ({
    id: passkey_id,
    transports: JSON.parse(transports) as string[],
    failedAttempts: failed_attempts,
  }))
}

/** Request options of one ceremony (WebAuthn L3, 5.5): user verification is always required. */
export async function prepareCeremony(
  {
    rpId,
    policy,
    randomId,
    now,
    newChallenge = () => randomBytes(32),
  }: Pick<Services, 'rpId' | 'policy' | 'randomId' | 'now' | 'newChallenge'>,
  { purpose, workstationId, personId, tapId = null }: CeremonyRequest,
  allowed: readonly { readonly id: string; readonly transports: readonly string[] }[],
): Promise<PreparedCeremony> {
  const timeout = policy['passkey.timeout']
  const options = await generateAuthenticationOptions({
    rpID: rpId,
    challenge: new Uint8Array(newChallenge()),
    timeout,
    userVerification: 'required',
    allowCredentials: allowed.map(({ id, transports }) => ({ id, transports: [...transports] })),
  })
  const ceremonyId = randomId()
  const expiresAt = now() + timeout
  return {
    view: { ceremonyId, options: { ...options }, expiresAt },
    row: {
      ceremony_id: ceremonyId,
      challenge: options.challenge,
      purpose,
      workstation_id: workstationId,
      person_id: personId,
      tap_id: tapId,
      expires_at: expiresAt,
      used_at: null,
    },
  }
}

/** Takes the ceremony, once: of any number of answers to one challenge, one gets the row. */
export async function consumeCeremony(
  tx: Tx,
  want: {
    readonly ceremonyId: string
    readonly workstationId: string
    readonly purposes: readonly CeremonyPurpose[]
    readonly now: number
  },
): Promise<CeremonyRow | null> {
  const taken = await tx
    .updateTable('ceremonies')
    .set({ used_at: want.now })
    .where('ceremony_id', '=', want.ceremonyId)
    .where('workstation_id', '=', want.workstationId)
    .where('purpose', 'in', want.purposes)
    .where('used_at', 'is', null)
    .where('expires_at', '>', want.now)
    .returningAll()
    .executeTakeFirst()
  return taken ?? null
}
