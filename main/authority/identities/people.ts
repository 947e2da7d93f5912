import type { Kysely, Selectable } from 'kysely'
import type { Schema } from '../../store/schema/index.ts'
import type { PersonTable } from '../../store/schema/authority.ts'

export type Person = Readonly<Selectable<PersonTable>>

/** Whether the directory has closed the account: nothing of theirs may do anything. */
export const isDisabled = ({ disabled_at }: Pick<Person, 'disabled_at'>): boolean =>
  disabled_at !== null

/** A person by id, or null. */
export async function findPerson(db: Kysely<Schema>, personId: string): Promise<Person | null> {
  const person = await db
    .selectFrom('people')
    .selectAll()
    .where('person_id', '=', personId)
    .executeTakeFirst()
  return person ?? null
}

/** A person that a row refers to; its absence would be a broken database. */
export async function personOf(db: Kysely<Schema>, personId: string): Promise<Person> {
  const person = await findPerson(db, personId)
  if (!person) throw new Error('a row refers to a person who does not exist')
  return person
}
