import { prepare } from '../../store/prepared.ts'
import type { Tx } from '../../store/port.ts'
import { type SessionColumns, sessionOrNull } from '../sessions/session-rows.ts'
import type { SessionRow } from '../sessions/session-views.ts'
import type { LastSeen } from './sightings.ts'

export interface Whereabouts {
  /** The one session of the badge's owner that has not been ended; its limits may have passed. */
  readonly open: SessionRow | null
  readonly last: LastSeen | null
}

/** Where a badge was seen last, and where its owner is signed in. */
export async function whereaboutsOf(tx: Tx, tag: string): Promise<Whereabouts> {
  const row = await whereabouts.first(tx, { tag })
  if (!row) return { open: null, last: null }
  const { last_seen_at, last_seen_workstation_id, ...session } = row
  return {
    open: sessionOrNull(session as SessionColumns),
    last: { last_seen_at, last_seen_workstation_id },
  }
}

const whereabouts = prepare<{ tag: string }>()((db, place) =>
  db
    .selectFrom('badges')
    .leftJoin('sessions', (join) =>
      join.onRef('sessions.person_id', '=', 'badges.person_id').on('sessions.ended_at', 'is', null),
    )
    .selectAll('sessions')
    .select(['badges.last_seen_at', 'badges.last_seen_workstation_id'])
    .where('tag', '=', place('tag')),
)
