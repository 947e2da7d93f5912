import type { Handlers } from '../context.ts'
import type { EndSession } from '../sessions/ending.ts'
import { createBundles, type IssueOptions } from './issue-bundle.ts'
import { createReconcile } from './reconcile.ts'

export { bundleSigner } from './bundle-key.ts'

type OfflineCalls = Pick<Handlers, 'offline.bundle' | 'offline.reconcile'>

/** What a workstation needs while nobody answers, and what it brings back from that time. */
export function createOffline(
  services: IssueOptions & { readonly endSession: EndSession },
): OfflineCalls {
  return { ...createBundles(services), ...createReconcile(services) }
}
