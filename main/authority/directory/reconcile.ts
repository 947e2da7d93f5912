import type { Services } from '../services.ts'
import { chunk } from './rows.ts'
import { type Settling, settlePeople } from './settle-people.ts'

/** Recorded as the machine where the service's own configuration changed what people may. */
export const byConfiguration = 'configuration'

/**
 * Makes all people what the directory says, as after the configuration gave its groups other roles.
 * Returns how many people changed. Each part is a transaction of its own: one that is cut off goes on
 * with the next start.
 */
export async function reconcileDirectory(
  options: Settling & Pick<Services, 'db' | 'unit'>,
): Promise<number> {
  let changes = 0
  let last = ''
  for (;;) {
    const rows = await options.db.read
      .selectFrom('directory_users')
      .select('user_id')
      .where('user_id', '>', last)
      .where('deleted_at', 'is', null)
      .orderBy('user_id')
      .limit(chunk)
      .execute()
    const userIds = rows.map(({ user_id }) => user_id)
    const part = { userIds, machine: byConfiguration }
    changes += await options.unit((work) => settlePeople(options, work, part), { reserve: 'share' })
    const end = userIds.at(-1)
    if (end === undefined || userIds.length < chunk) return changes
    last = end
  }
}
