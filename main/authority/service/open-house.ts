import { createEventHub } from '../events/index.ts'
import { forgetSession } from '../oauth/forget-session.ts'
import { createRecorder } from '../record.ts'
import type { Services } from '../services.ts'
import { createEndSession, type EndSession } from '../sessions/ending.ts'
import { createUnits } from '../unit-of-work.ts'
import { createHousePolicy } from './house-policy.ts'
import { readKeys } from './keys.ts'
import { createLivePolicy } from './live-policy.ts'
import { openNode, type OpenNode } from './open-node.ts'
import { type ReadConfig, readConfig } from './read-config.ts'

/** The authority's database for a command that changes something beside the nodes that serve. */
export interface House extends Pick<OpenNode, 'session' | 'watch'> {
  readonly read: ReadConfig
  readonly services: Services
  readonly endSession: EndSession
}

/**
 * Opens the house of a configuration for `work`, with the policy that holds on all nodes. What `work` publishes reaches agents within a
 * second: the nodes look that often. Rejects with `ConfigError`, `StoreError`, `AuditError`, or as
 * `work` does.
 */
export async function withHouse<T>(path: string, work: (house: House) => Promise<T>): Promise<T> {
  const read = await readConfig(path)
  const keys = await readKeys(read.config.keys.file, { folder: read.folder })
  const live = createLivePolicy(read.policy)
  const node = await openNode({ read, keys, policy: live.policy })
  try {
    const { context } = node
    const events = createEventHub(context)
    const services: Services = {
      ...context,
      record: createRecorder(context.audit),
      unit: createUnits({ ...context, events, onDue: () => {} }),
    }
    // The file may be older than what holds on all nodes.
    await createHousePolicy({ ...services, onChange: (next) => live.change(next) }).refresh()
    const endSession = createEndSession({ ...services, sessionEnded: forgetSession })
    return await work({ ...node, read, services, endSession })
  } finally {
    await node.close()
  }
}
