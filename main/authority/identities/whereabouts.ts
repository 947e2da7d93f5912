import { prepare } from '../../store/prepared.ts'
import type { Tx } from '../../store/port.ts'
import { sessionOrNull } from '../sessions/session-rows.ts'
import type { SessionRow } from '../sessions/session-views.ts'
import type { LastSeen } from './sightings.ts'

export interface Whereabouts {
  /** The one session of the person that has not been ended; its limits may have passed. */
  readonly open: SessionRow | null
  readonly last: LastSeen | null
}

/** Where a badge was seen last, and where whoever had it when it was read is signed in. */
export async function whereaboutsOf(
  tx: Tx,
  badge: { readonly tag: string; readonly personId: string },
): Promise<Whereabouts> {
  const row = await whereabouts.first(tx, badge)
  if (!row) return { open: null, last: null }
  const { last_seen_at, last_seen_workstation_id, ...session } = row
  return {
    open: sessionOrNull(session),
    last: { last_seen_at, last_seen_workstation_id },
  }
}

const whereabouts = prepare<{ tag: string; personId: string }>()((db, place) =>
  db
    .selectFrom('badges')
    .leftJoin('sessions', (join) =>
      join.on('sessions.person_id', '=', place('personId')).on('sessions.ended_at', 'is', null),
    )
    .selectAll('sessions')
    .select(['badges.last_seen_at', 'badges.last_seen_workstation_id'])
    .where('tag', '=', place('tag')),
)
