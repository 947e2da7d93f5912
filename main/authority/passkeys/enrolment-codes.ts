import { createHmac } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Tx } from '../../store/port.ts'
import type { Schema } from '../../store/schema/index.ts'
import type { AuthorityContext } from '../context.ts'

/** Wrong codes from one workstation within `window` ms before it has to wait. */
const attempts = 5
const window = 15 * 60_000

/**
 * Keyed hash of a code as it is stored. People read codes aloud and copy them from paper: case,
 * blanks and dashes do not count.
 */
export function codeHash({ badgeKey }: Pick<AuthorityContext, 'badgeKey'>, code: string): string {
  const canonical = code.replaceAll(/[\s-]/g, '').toUpperCase()
  return createHmac('sha256', badgeKey.key).update(`enrolment-v1|${canonical}`).digest('hex')
}

/** The person of an unused, unexpired code, or null; somebody whose account is closed has none. */
export async function personOfCode(
  db: Kysely<Schema>,
  { hash, now }: { readonly hash: string; readonly now: number },
): Promise<string | null> {
  const code = await db
    .selectFrom('enrolment_codes')
    .innerJoin('people', 'people.person_id', 'enrolment_codes.person_id')
    .select('enrolment_codes.person_id')
    .where('people.disabled_at', 'is', null)
    .where('code_hash', '=', hash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return code?.person_id ?? null
}

/** Uses a code up; false when another enrolment did so before. */
export async function consumeCode(
  tx: Tx,
  { hash, now }: { readonly hash: string; readonly now: number },
): Promise<boolean> {
  const used = await tx
    .updateTable('enrolment_codes')
    .set({ used_at: now })
    .where('code_hash', '=', hash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('code_hash')
    .executeTakeFirst()
  return used !== undefined
}

/** Whether this workstation has guessed too often of late. */
export async function lockedOut(
  db: Kysely<Schema>,
  { workstationId, now }: { readonly workstationId: string; readonly now: number },
): Promise<boolean> {
  const { failures } = await db
    .selectFrom('enrolment_failures')
    .select(({ fn }) => fn.countAll().as('failures'))
    .where('workstation_id', '=', workstationId)
    .where('at', '>', now - window)
    .executeTakeFirstOrThrow()
  return Number(failures) >= attempts
}
