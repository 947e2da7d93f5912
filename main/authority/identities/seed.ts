import { codeHash } from '../passkeys/enrolment-codes.ts'
import type { Seed } from '../protocol/index.ts'
import { takeReserve } from '../reserve.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import { addPerson } from './add-person.ts'
import { assignBadge } from './badges.ts'

type SeedPerson = Seed['people'][number]

/**
 * Adds the people, badges and first enrolment codes of a seed. What is there already stays as it
 * is: loading a seed twice changes nothing, and a code that has expired does not come back. Only a
 * roster replaces the one before, as every week has its own.
 */
export async function loadSeed(
  services: Services,
  { people }: Pick<Seed, 'people'>,
): Promise<SeedSummary> {
  return services.unit(async (work) => {
    const summary = {
      people: { added: 0, unchanged: 0 },
      badges: { assigned: 0, unchanged: 0, conflicting: 0 },
      codes: { issued: 0 },
    }
    for (const person of people) {
      summary.people[(await seedPerson(services, work, person)) ? 'added' : 'unchanged'] += 1
      for (const badge of person.badges)
        summary.badges[await assignBadge(services, work, { personId: person.personId, badge })] += 1
      const { enrolmentCode } = person
      if (
        enrolmentCode !== null &&
        (await offerCode(services, work, person.personId, enrolmentCode))
      )
        summary.codes.issued += 1
    }
    return summary
  }, takeReserve)
}

/** What loading a seed changed, in numbers. */
export interface SeedSummary {
  readonly people: { readonly added: number; readonly unchanged: number }
  readonly badges: {
    readonly assigned: number
    readonly unchanged: number
    /** Somebody else has them; they identify nobody (R9). */
    readonly conflicting: number
  }
  readonly codes: { readonly issued: number }
}

async function seedPerson(
  services: Services,
  { tx }: Unit,
  { personId, given, family, role, applications, patient, roster }: SeedPerson,
): Promise<boolean> {
  const shifts = roster && JSON.stringify(roster)
  const added = await addPerson(services, tx, {
    person_id: personId,
    given,
    family,
    role,
    applications: JSON.stringify(applications),
    patient,
    roster: shifts,
  })
  if (!added && shifts !== null)
    await tx
      .updateTable('people')
      .set({ roster: shifts })
      .where('person_id', '=', personId)
      .execute()
  return added
}

/** A first passkey by code is for people who have none; whoever has one enrols in their session. */
async function offerCode(
  services: Services,
  { tx, now }: Unit,
  personId: string,
  code: string,
): Promise<boolean> {
  const passkey = await tx
    .selectFrom('passkeys')
    .select('passkey_id')
    .where('person_id', '=', personId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (passkey) return false
  const expiresAt = now + services.policy['enrolment.codeLife']
  const added = await tx
    .insertInto('enrolment_codes')
    .values({
      code_hash: codeHash(services, code),
      person_id: personId,
      expires_at: expiresAt,
      used_at: null,
    })
    .onConflict((conflict) => conflict.column('code_hash').doNothing())
    .returning('code_hash')
    .executeTakeFirst()
  if (added)
    await services.record(tx, 'enrolment.code-issued', {
      actor: personId,
      detail: { expiresAt },
    })
  return added !== undefined
}
