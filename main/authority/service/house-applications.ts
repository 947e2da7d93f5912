import type { Database, Tx } from '../../store/port.ts'
import { type Application, applicationSchema } from '../protocol/process.ts'
import type { Recorder } from '../record.ts'

type Registered = 'added' | 'changed' | 'unchanged'

/** Registers an application for all nodes, in the transaction of its record. */
export async function registerApplication(
  { record }: { readonly record: Recorder },
  { tx, now }: { readonly tx: Tx; readonly now: number },
  application: Application,
): Promise<Registered> {
  const { id } = application
  const document = JSON.stringify(application)
  const found = await tx
    .selectFrom('house_applications')
    .select('document')
    .where('application_id', '=', id)
    .executeTakeFirst()
  if (found?.document === document) return 'unchanged'
  const values = { document, changed_at: now }
  await tx
    .insertInto('house_applications')
    .values({ application_id: id, ...values })
    .onConflict((conflict) => conflict.column('application_id').doUpdateSet(values))
    .execute()
  const outcome = found ? 'changed' : 'added'
  await record(tx, `application.${outcome}`, { detail: { application: id } })
  return outcome
}

/** Those that were registered, without the ones that the configuration has itself. */
export async function registeredApplications(
  { read }: Pick<Database, 'read'>,
  configured: readonly Application[],
): Promise<readonly Application[]> {
  const rows = await read
    .selectFrom('house_applications')
    .select(['application_id', 'document'])
    .orderBy('application_id')
    .execute()
  return rows
    .filter(({ application_id }) => !configured.some(({ id }) => id === application_id))
    .map(({ document }) => applicationSchema.parse(JSON.parse(document)))
}
