import { isDeepStrictEqual } from 'node:util'
import { describeError } from '../../describe-error.ts'
import type { Database } from '../../store/port.ts'
import { log } from '../log.ts'
import type { Application } from '../protocol/process.ts'
import { registeredApplications } from './house-applications.ts'
import type { LiveOauth } from './live-oauth.ts'

export interface FollowedApplications {
  /** Takes over what was registered meanwhile, by whichever node or command. */
  refresh(): Promise<void>
  /** The configuration has other applications from now on. */
  configure(applications: readonly Application[]): Promise<void>
}

/** Keeps a node's register of applications at what configuration and database say together. */
export function followApplications({
  db,
  oauth,
  configured,
}: {
  readonly db: Pick<Database, 'read'>
  readonly oauth: Pick<LiveOauth, 'applications' | 'change'>
  readonly configured: readonly Application[]
}): FollowedApplications {
  let own = configured
  let refused: readonly Application[] | null = null

  const together = async (wanted: readonly Application[]) => [
    ...wanted,
    ...(await registeredApplications(db, wanted)),
  ]
  return {
    async refresh() {
      const all = await together(own)
      if (isDeepStrictEqual(all, [...oauth.applications]) || isDeepStrictEqual(all, refused)) return
      try {
        await oauth.change(all)
      } catch (error) {
        // Those that were there go on; the next change is tried again.
        refused = all
        log('error', 'applications-refused', describeError(error))
      }
    },
    async configure(wanted) {
      await oauth.change(await together(wanted))
      own = wanted
    },
  }
}
