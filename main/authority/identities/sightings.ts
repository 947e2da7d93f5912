import { prepare } from '../../store/prepared.ts'
import type { Tx } from '../../store/port.ts'

/** Where a badge was tapped last; all null before its first tap. */
export interface LastSeen {
  readonly last_seen_at: number | null
  readonly last_seen_workstation_id: string | null
}

export interface Sighting {
  readonly workstationId: string
  readonly at: number
}

/** A way that nobody walks in this time: there are two of the badge, or two have a share in it. */
export interface Travel {
  /** Workstation id. */
  readonly from: string
  readonly ms: number
}

/**
 * Whether the badge came here from another workstation sooner than one can walk (`walkTime` ms; 0
 * turns it off). A reason to tell its owner, none to refuse them.
 */
export function travelOf(
  last: LastSeen | null | undefined,
  { workstationId, at }: Sighting,
  walkTime: number,
): Travel | null {
  if (walkTime === 0 || !last) return null
  const { last_seen_at: before, last_seen_workstation_id: from } = last
  if (before === null || from === null || from === workstationId) return null
  const ms = Math.max(0, at - before)
  return ms < walkTime ? { from, ms } : null
}

interface Seen {
  readonly tag: string
  readonly technology: string
  readonly at: number
  readonly workstation: string
  readonly workstationName: string
}
const updateSeen = prepare<Seen>()((db, place) =>
  db
    .updateTable('badges')
    .set({
      technology: place('technology'),
      last_seen_at: place('at'),
      last_seen_workstation_id: place('workstation'),
      last_seen_workstation_name: place('workstationName'),
    })
    .where('tag', '=', place('tag')),
)

/** Notes that a badge was seen here and now. */
export async function see(tx: Tx, seen: Seen): Promise<void> {
  await updateSeen.run(tx, seen)
}
