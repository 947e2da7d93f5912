import type { KoaContextWithOIDC } from 'oidc-provider'
import type { AuditLog } from '../../audit/port.ts'
import type { Database, Tx } from '../../store/port.ts'
import type { LiveSession } from '../context.ts'
import { claimsOf, contextOf } from './claims.ts'
import type { RefusalLimit } from './refusal-limit.ts'
import { sessionOfKey } from './session-key.ts'

export interface EnrichOptions {
  readonly db: Database
  readonly audit: Pick<AuditLog, 'append'>
  readonly now: () => number
  readonly live: (sessionId: string) => Promise<LiveSession | null>
  readonly limit: RefusalLimit
}

type Body = Record<string, unknown>
type Context = Omit<KoaContextWithOIDC, 'oidc'> & { oidc?: KoaContextWithOIDC['oidc'] }
type Carrier =
  { readonly grantId?: string | undefined; readonly scope?: string | undefined } | undefined

const isBody = (body: unknown): body is Body => typeof body === 'object' && body !== null

/**
 * Around the provider's own answers:
 * - introspection tells the session as it is now, not as it was when the token was issued;
 * - the token response carries the launch context (SMART App Launch 2.2) and the granted scopes;
 * - a refused token request of a known client is recorded before the refusal goes out;
 * - no cookie of the provider reaches a browser.
 */
export const enrichAnswers =
  ({ db, audit, now, live, limit }: EnrichOptions) =>
  async (ctx: Context, next: () => Promise<unknown>): Promise<void> => {
    await next()
    ctx.remove('set-cookie')
    const { oidc } = ctx
    if (oidc === undefined || !isBody(ctx.body)) return
    const { AccessToken, AuthorizationCode, RefreshToken, Client } = oidc.entities
    const sessionOf = async (carrier: Carrier): Promise<LiveSession | null> => {
      const sessionId = sessionOfKey(carrier?.grantId)
      return sessionId === null ? null : live(sessionId)
    }

    if (oidc.route === 'introspection' && ctx.body['active'] === true) {
      const session = await sessionOf(AccessToken ?? RefreshToken)
      ctx.body = session === null ? { active: false } : { ...ctx.body, ...claimsOf(session, now()) }
    }

    if (oidc.route === 'token' && ctx.status === 200) {
      const source: Carrier = RefreshToken ?? AuthorizationCode
      const session = await sessionOf(AccessToken)
      const scope = new Set((source?.scope ?? AuthorizationCode?.scope)?.split(' '))
      ctx.body = {
        ...ctx.body,
        scope: [...scope].join(' '),
        ...(session !== null && scope.has('launch')
          ? { ...contextOf(session, now()), need_patient_banner: true }
          : {}),
      }
    }

    if (oidc.route === 'token' && ctx.status >= 400 && Client !== undefined) {
      const { error } = ctx.body
      const taken = limit.take()
      if (taken === null) return
      const write = (tx: Tx) =>
        audit.append(tx, {
          event: 'token.refused',
          outcome: 8,
          actor: null,
          workstation: null,
          session: sessionOfKey((AuthorizationCode ?? RefreshToken)?.grantId),
          patient: null,
          assurance: null,
          purposeOfUse: null,
          detail: {
            client: Client.clientId,
            reason: typeof error === 'string' ? error : 'unknown',
            unrecorded: taken.unrecorded,
          },
        })
      // A record only: it depends on nothing.
      await db.write(write, { lock: [] })
    }
  }
