import type { LanyardBridge } from '../../preload/contract.ts'
import type { Snapshot } from '../../preload/shown/snapshot.ts'

export interface SnapshotStore {
  readonly current: () => Snapshot | null
  readonly subscribe: (listener: () => void) => () => void
}

/** Holds the newest snapshot. One that arrives out of order is older than the glass: dropped. */
export function createSnapshotStore(bridge: LanyardBridge): SnapshotStore {
  const listeners = new Set<() => void>()
  let current: Snapshot | null = null
  bridge.onSnapshot((snapshot) => {
    if (current !== null && snapshot.version < current.version) return
    current = snapshot
    for (const listener of listeners) listener()
  })
  return {
    current: () => current,
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
