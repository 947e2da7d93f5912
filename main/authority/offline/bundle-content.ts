import type { Kysely } from 'kysely'
import type { Policy } from '../../policy/settings.ts'
import type { Schema } from '../../store/schema/index.ts'
import { identifies, standingOf } from '../identities/badge-standing.ts'
import { shiftsOf } from '../identities/roster.ts'
import {
  type Bundle,
  type BundlePerson,
  bundlePersonSchema,
  bundleSchema,
  bundleSettings,
} from '../protocol/index.ts'
import { attemptsAt } from './attempts.ts'

/** Everything that changes from one bundle to the next besides its name and its times. */
export type BundleContent = Pick<Bundle, 'policy' | 'people' | 'revoked' | 'emergency' | 'auditKey'>

/** Witnessed emergency accesses that a workstation may give in 24 hours on its own. */
const emergencyPerDay = 20

/** What a workstation may know of the people who were seen there lately. */
export async function bundleContent(
  db: Kysely<Schema>,
  policy: Policy,
  { workstationId, now }: { readonly workstationId: string; readonly now: number },
): Promise<BundleContent> {
  const since = now - policy['offline.seenWithin']
  const seen = await db
    .selectFrom('seen_here')
    .innerJoin('badges', 'badges.tag', 'seen_here.tag')
    .innerJoin('people', 'people.person_id', 'seen_here.person_id')
    .selectAll('people')
    .select([
      'seen_here.device_tag',
      'badges.person_id as owner',
      'badges.status',
      'badges.kind',
      'badges.ends_at',
    ])
    .where('seen_here.workstation_id', '=', workstationId)
    .where('seen_here.at', '>', since)
    .orderBy('seen_here.at', 'desc')
    .execute()
  const own = await attemptsAt(db, workstationId)
  const disabled = new Set(seen.flatMap((one) => (one.disabled_at === null ? [] : one.person_id)))
  const ids = [...new Set(seen.map(({ person_id }) => person_id))]
  const passkeys =
    ids.length === 0
      ? []
      : await db.selectFrom('passkeys').selectAll().where('person_id', 'in', ids).execute()

  const personOf = (personId: string): BundlePerson[] => {
    const rows = seen.filter(({ person_id }) => person_id === personId)
    const [person] = rows
    if (!person) return []
    return [
      bundlePersonSchema.parse({
        personId,
        given: person.given,
        family: person.family,
        role: person.role,
        userHandle: person.user_handle,
        applications: JSON.parse(person.applications),
        roster: shiftsOf(person.roster),
        badges: rows
          // Passed on since, lost, detached, over: it names nobody here either.
          .filter((row) => row.owner === personId && identifies(standingOf(row, now)))
          .map((row) => ({ tag: row.device_tag, kind: row.kind, endsAt: row.ends_at })),
        passkeys: passkeys
          .filter((one) => one.person_id === personId && one.revoked_at === null)
          .map((one) => ({
            passkeyId: one.passkey_id,
            publicKey: Buffer.from(one.public_key).toString('base64url'),
            counter: one.counter,
            transports: JSON.parse(one.transports) as string[],
            backupEligible: one.backup_eligible === 1,
            backedUp: one.backed_up === 1,
            failedAttempts: Math.max(one.failed_attempts, own.get(one.passkey_id) ?? 0),
          })),
      } satisfies Record<keyof BundlePerson, unknown>),
    ]
  }

  const people = ids.filter((id) => !disabled.has(id)).slice(0, policy['offline.people'])
  const tree = await db.selectFrom('auditTree').select('key').executeTakeFirst()
  return {
    policy: bundleSchema.shape.policy.parse(
      Object.fromEntries(bundleSettings.map((name) => [name, policy[name]])),
    ),
    people: people.flatMap(personOf),
    revoked: bundleSchema.shape.revoked.parse({
      people: [...disabled],
      passkeys: passkeys.flatMap((one) => (one.revoked_at === null ? [] : one.passkey_id)),
    }),
    emergency: { perDay: emergencyPerDay, life: policy['emergency.witnessed'] },
    auditKey: tree?.key ?? null,
  }
}
