import { CallFailure, type Handlers } from '../context.ts'
import type { Services } from '../services.ts'

type OfflineCalls = Pick<Handlers, 'offline.bundle' | 'offline.reconcile'>

/** What a workstation needs while nobody answers, and what it brings back from that time. */
export function createOffline(_services: Services): OfflineCalls {
  const absent = () => Promise.reject(new CallFailure('not-found', 'Not there yet.'))
  return { 'offline.bundle': absent, 'offline.reconcile': absent }
}
