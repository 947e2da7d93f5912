import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'

/** Adds a place where nobody's machine is enrolled yet; false: there is one of that id. */
export async function addWorkstation(
  { record }: Pick<Services, 'record'>,
  { tx, now }: Pick<Unit, 'tx' | 'now'>,
  {
    id,
    name,
    place,
    by,
  }: {
    readonly id: string
    readonly name: string
    readonly place: string
    /** Who is recorded for it. */
    readonly by: string
  },
): Promise<boolean> {
  const added = await tx
    .insertInto('workstations')
    .values({
      workstation_id: id,
      name,
      place,
      status: 'active',
      created_at: now,
      disabled_at: null,
      last_seen_at: null,
    })
    .onConflict((conflict) => conflict.column('workstation_id').doNothing())
    .returning('workstation_id')
    .executeTakeFirst()
  if (!added) return false
  await record(tx, 'workstation.added', { workstation: id, detail: { by } })
  return true
}
