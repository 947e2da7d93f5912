import type { AuthorityContext } from '../context.ts'
import type { CreateOauth, Oauth } from '../oauth/index.ts'
import type { Application } from '../protocol/index.ts'

export interface LiveOauth {
  readonly create: CreateOauth
  /** The register as it is now; services keep this array. */
  readonly applications: readonly Application[]
  /**
   * From now on another register holds. Rejects, and the old one stays, when the provider does not
   * take it; a client that is no longer in it is unknown from this moment.
   */
  change(applications: readonly Application[]): Promise<void>
}

/** An OpenID provider whose register of applications can change while it runs. */
export function createLiveOauth(
  createOauth: CreateOauth,
  initial: readonly Application[],
): LiveOauth {
  const applications = [...initial]
  let running: Oauth | null = null
  let again: ((next: readonly Application[]) => Promise<Oauth>) | null = null
  const current = (): Oauth => {
    if (running) return running
    throw new Error('The provider was not created yet.')
  }

  return {
    applications,
    async create(context: Pick<AuthorityContext, 'db' | 'audit' | 'now' | 'issuer'>, options) {
      again = (next) => createOauth(context, { ...options, applications: next })
      running = await again([...applications])
      return {
        handlers: {
          'launch.create': (request, caller) =>
            current().handlers['launch.create'](request, caller),
        },
        requestListener: (request, response) => current().requestListener(request, response),
        sessionEnded: (tx, sessionId) => current().sessionEnded(tx, sessionId),
        dispose: () => current().dispose(),
      }
    },
    async change(next) {
      const before = current()
      if (!again) return
      running = await again([...next])
      applications.splice(0, applications.length, ...next)
      // Requests under way still end in the one that they began in.
      before.dispose()
    },
  }
}
