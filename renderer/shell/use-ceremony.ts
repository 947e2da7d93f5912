import { useLayoutEffect, useSyncExternalStore } from 'react'
import type { Snapshot } from '../../preload/shown/snapshot.ts'
import type { Ceremonies, CeremonyStatus } from './ceremonies.ts'
import { currentCeremonyId, currentProof } from './current-proof.ts'
import { useShell } from './environment.tsx'

/** Keeps the ceremony under way in step with the snapshot: ends stale ones, starts automatic ones. */
export function useCeremonies(ceremonies: Ceremonies, snapshot: Snapshot | null): void {
  // Before the paint: a frame is a quarter of what a whole tap may take.
  useLayoutEffect(() => {
    if (snapshot === null) return
    ceremonies.keepOnly(currentCeremonyId(snapshot.screen))
    const proof = currentProof(snapshot.screen)
    if (proof?.step === 'waiting' && proof.ceremony.autoStart)
      ceremonies.authenticate(proof.ceremony)
  }, [ceremonies, snapshot])
}

/** How far the ceremony of this id is, as the page knows it. */
export function useCeremonyStatus(id: string): CeremonyStatus {
  const { ceremonies } = useShell()
  return useSyncExternalStore(ceremonies.subscribe, () => ceremonies.status(id))
}
