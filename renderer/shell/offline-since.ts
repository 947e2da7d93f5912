import type { Snapshot } from '../../preload/shown/snapshot.ts'

/** Since when the authority has not answered; null: it does, or has not been there yet. */
export const offlineSince = ({ state, since, alone }: Snapshot['authority']): number | null => {
  if (state === 'offline') return alone?.since ?? since
  return state === 'online' && alone ? alone.since : null
}
