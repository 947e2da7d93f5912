import { randomBytes } from 'node:crypto'
import type { Tx } from '../../store/port.ts'
import type { Services } from '../services.ts'
import type { Person } from './people.ts'

/** Adds somebody who has no passkey yet; false: there is a person of that id, who stays as they are. */
export async function addPerson(
  { record }: Pick<Services, 'record'>,
  tx: Tx,
  person: Omit<Person, 'user_handle' | 'disabled_at'>,
  /** Who is recorded for it, where it was a machine. */
  machine?: string,
): Promise<boolean> {
  const { person_id, role } = person
  const added = await tx
    .insertInto('people')
    .values({ ...person, user_handle: randomBytes(32).toString('base64url') })
    .onConflict((conflict) => conflict.column('person_id').doNothing())
    .returning('person_id')
    .executeTakeFirst()
  if (!added) return false
  const detail = { role, ...(machine === undefined ? {} : { machine }) }
  await record(tx, 'person.added', { actor: person_id, detail })
  return true
}
