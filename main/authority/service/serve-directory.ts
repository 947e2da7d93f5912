import { setTimeout as pause } from 'node:timers/promises'
import { describeError } from '../../describe-error.ts'
import {
  createScim,
  type DirectoryConfig,
  reconcileDirectory,
  scimPath,
} from '../directory/index.ts'
import { log } from '../log.ts'
import { forgetSession } from '../oauth/forget-session.ts'
import type { Mount } from '../server/app.ts'
import type { Bound } from '../server/bound.ts'
import type { Services } from '../services.ts'
import { createEndSession } from '../sessions/ending.ts'

/** Nodes that start together do not all look at all people at once, ms. */
const settleWithin = 10_000

/**
 * SCIM for the hospital's directory. What the configuration says of groups may have changed since
 * the last start, so people are looked through once, behind what the node serves.
 */
export function serveDirectory(
  services: Services,
  config: DirectoryConfig,
  bound: Pick<Bound, 'run'>,
): Mount {
  const endSession = createEndSession({ ...services, sessionEnded: forgetSession })
  const options = { ...services, endSession, config, bound }
  void settle().catch((error: unknown) => log('error', 'directory-failed', describeError(error)))
  async function settle(): Promise<void> {
    await pause(Math.random() * settleWithin, undefined, { ref: false })
    const people = await reconcileDirectory(options)
    if (people > 0) log('info', 'directory-settled', { people })
  }
  return { path: scimPath, app: createScim(options) }
}
