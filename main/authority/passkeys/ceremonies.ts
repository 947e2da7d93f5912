import { generateAuthenticationOptions } from '@simplewebauthn/server'
import type { Kysely } from 'kysely'
import { randomPiece } from '../../random.ts'
import type { Tx } from '../../store/port.ts'
import { prepare } from '../../store/prepared.ts'
import type { CeremonyTable, PasskeyTable } from '../../store/schema/authority.ts'
import type { Schema } from '../../store/schema/index.ts'
import type { Ceremony } from '../protocol/index.ts'
import type { Services } from '../services.ts'

export type CeremonyPurpose = 'sign-in' | 'witness' | 'override' | 'enrol' | 'badge'
/** One or two. */
export type Purposes = readonly [CeremonyPurpose, CeremonyPurpose?]
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
  return (await activeOfPerson.all(db, { personId })).map(describe)
}

/** A passkey as a credential descriptor, with what is known of its failures. */
export const describe = ({ passkey_id, transports, failed_attempts }: Described) => ({
  id: passkey_id,
  transports: JSON.parse(transports) as string[],
  failedAttempts: failed_attempts,
})

export const described = ['passkey_id', 'transports', 'failed_attempts'] as const
type Described = Pick<PasskeyTable, (typeof described)[number]>

const activeOfPerson = prepare<{ personId: string }>()((db, place) =>
  db
    .selectFrom('passkeys')
    .select(described)
    .where('person_id', '=', place('personId'))
    .where('revoked_at', 'is', null)
    .orderBy('created_at'),
)

/** Request options of one ceremony (WebAuthn L3, 5.5): user verification is always required. */
export async function prepareCeremony(
  {
    rpId,
    policy,
    randomId,
    now,
    newChallenge = () => randomPiece(32),
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

/** Stores a ceremony that was prepared. */
export async function storeCeremony(tx: Tx, row: CeremonyRow): Promise<void> {
  await insertCeremony.run(tx, row)
}

const insertCeremony = prepare<CeremonyRow>()((db, place) =>
  db.insertInto('ceremonies').values({
    ceremony_id: place('ceremony_id'),
    challenge: place('challenge'),
    purpose: place('purpose'),
    workstation_id: place('workstation_id'),
    person_id: place('person_id'),
    tap_id: place('tap_id'),
    expires_at: place('expires_at'),
    used_at: place('used_at'),
  }),
)

/** Takes the ceremony, once: of any number of answers to one challenge, one gets the row. */
export async function consumeCeremony(
  tx: Tx,
  want: {
    readonly ceremonyId: string
    readonly workstationId: string
    readonly purposes: Purposes
    readonly now: number
  },
): Promise<CeremonyRow | null> {
  const { purposes, ...key } = want
  const [purpose, other = purpose] = purposes
  return takeCeremony.first(tx, { ...key, purpose, other })
}

interface Taking {
  readonly ceremonyId: string
  readonly workstationId: string
  readonly purpose: CeremonyPurpose
  readonly other: CeremonyPurpose
  readonly now: number
}
const takeCeremony = prepare<Taking>()((db, place) =>
  db
    .updateTable('ceremonies')
    .set({ used_at: place('now') })
    .where('ceremony_id', '=', place('ceremonyId'))
    .where('workstation_id', '=', place('workstationId'))
    .where('purpose', 'in', [place('purpose'), place('other')])
    .where('used_at', 'is', null)
    .where('expires_at', '>', place('now'))
    .returningAll(),
)
