import type { Bundle, SessionView } from '../authority/protocol/index.ts'
import type { Policy } from '../policy/settings.ts'
import type { Tx } from '../store/port.ts'
import { nameOf } from './name-of.ts'

const flag = (value: boolean) => (value ? 1 : 0)

/** Everybody whom the bundle lets in, with badges and passkeys; nobody and nothing that was revoked. */
export async function seedPeople(tx: Tx, { people, revoked, issuedAt }: Bundle): Promise<void> {
  const goneKeys = new Set<string>(revoked.passkeys)
  for (const person of people) {
    if (revoked.people.includes(person.personId)) continue
    await tx
      .insertInto('people')
      .values({
        person_id: person.personId,
        given: person.given,
        family: person.family,
        role: person.role,
        user_handle: person.userHandle,
        applications: JSON.stringify(person.applications),
        patient: null,
        roster: person.roster && JSON.stringify(person.roster),
      })
      .execute()
    for (const { tag, kind, endsAt } of person.badges)
      await tx
        .insertInto('badges')
        .values({
          tag,
          key_version: 0,
          badge_id: tag,
          card_id: tag,
          person_id: person.personId,
          directory_person_id: null,
          name: 'Badge',
          kind,
          status: 'active',
          technology: '',
          stock: 0,
          assigned_at: issuedAt,
          ends_at: endsAt,
          last_seen_at: null,
          last_seen_workstation_id: null,
          last_seen_workstation_name: null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    for (const key of person.passkeys.filter(({ passkeyId }) => !goneKeys.has(passkeyId)))
      await tx
        .insertInto('passkeys')
        .values({
          passkey_id: key.passkeyId,
          person_id: person.personId,
          name: 'Passkey',
          public_key: new Uint8Array(Buffer.from(key.publicKey, 'base64url')),
          counter: key.counter,
          transports: JSON.stringify(key.transports),
          backup_eligible: flag(key.backupEligible),
          backed_up: flag(key.backedUp),
          aaguid: '',
          failed_attempts: key.failedAttempts,
          created_at: issuedAt,
          // Known before: a first use would hold back notices that only the authority has.
          last_used_at: issuedAt,
          revoked_at: null,
        })
        .execute()
  }
}

export interface KnownSession {
  readonly view: SessionView
  /** Its content is covered since then; null: it is not. */
  readonly shieldedAt: number | null
}

/** The sessions that were live at this seat when the authority was last heard of. */
export async function seedSessions(
  tx: Tx,
  known: readonly KnownSession[],
  {
    bundle,
    workstation,
    policy,
  }: {
    readonly bundle: Bundle
    readonly workstation: { readonly id: string; readonly name: string }
    readonly policy: Policy
  },
): Promise<void> {
  for (const { view, shieldedAt } of known) {
    if (bundle.revoked.people.includes(view.person.personId)) continue
    // Whoever signed in without a badge is in no bundle, and their session goes on all the same.
    await tx
      .insertInto('people')
      .values({
        person_id: view.person.personId,
        ...nameOf(view.person),
        role: view.person.role,
        user_handle: `unknown-${view.person.personId}`,
        applications: JSON.stringify(view.applications),
        patient: null,
        roster: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    await tx
      .insertInto('sessions')
      .values({
        session_id: view.sessionId,
        person_id: view.person.personId,
        workstation_id: workstation.id,
        workstation_name: workstation.name,
        kind: view.kind,
        scope: view.scope,
        aal: view.assurance.aal,
        amr: JSON.stringify(view.assurance.amr),
        verified_at: view.assurance.verifiedAt,
        started_at: view.startedAt,
        ends_at: view.endsAt,
        last_activity_at: view.inactiveAt - policy['session.inactivity'],
        shielded_at: shieldedAt,
        applications: JSON.stringify(view.applications),
        patient: view.patient,
        witness_id: null,
        ended_at: null,
        end_reason: null,
        cleared_at: null,
        continues: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const { override } = view
    if (override)
      await tx
        .insertInto('overrides')
        .values({
          override_id: override.overrideId,
          session_id: view.sessionId,
          person_id: view.person.personId,
          patient: override.patient,
          reason: 'other',
          started_at: override.startedAt,
          ends_at: override.endsAt,
          ended_at: null,
        })
        .execute()
  }
}
