import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { CallFailure } from '../context.ts'
import { unbounded } from '../server/bound.ts'
import { Overload } from '../server/overload.ts'
import { createAdapter } from './adapter.ts'
import { answerBusy } from './answer-busy.ts'
import { answerTooLarge } from './answer-too-large.ts'
import { forgetSession } from './forget-session.ts'
import { createLaunchRoute, cookieOf, partitionCookie } from './launch-route.ts'
import { createLaunches } from './launches.ts'
import { pageHeaders, refusalPage } from './pages.ts'
import type { CreateOauth } from './port.ts'
import { createRefusalLimit } from './refusal-limit.ts'
import { createProvider } from './provider.ts'
import { readBody } from './read-body.ts'
import { enrichAnswers } from './enrich-answers.ts'

export type { CreateOauth, Oauth, OauthOptions } from './port.ts'

const documents = new Set([
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
])

/** The authority's OpenID provider: opaque tokens that die with the session behind them. */
export const createOauth: CreateOauth = async (context, options) => {
  const { db, audit, now, issuer } = context
  const { applications, live, bound = unbounded } = options
  /** Answered as too late already: what its work still comes to is nobody's failure. */
  const givenUp = new WeakSet<ServerResponse>()
  const report = (error: unknown, response?: ServerResponse): void => {
    if (!(error instanceof Overload) && !(response && givenUp.has(response))) options.report(error)
  }
  const limit = createRefusalLimit({ now })
  const launches = createLaunches({ db, audit, now, live, limit })
  const openLaunch = createLaunchRoute({ issuer, applications, launches })
  /** Cookies of authorization requests, taken from them before the provider looks. */
  const cookies = new WeakMap<IncomingMessage, ReadonlyMap<string, string | undefined>>()

  const provider = await createProvider({
    issuer,
    applications,
    launches,
    live,
    now,
    idTokenKey: options.idTokenKey,
    cookieKey: options.cookieKey,
    adapter: createAdapter({ db, audit, now, live }),
    partitionOf: (request, application) => cookies.get(request)?.get(application),
  })
  provider.on('server_error', ({ res }: KoaContextWithOIDC, error: Error) => report(error, res))
  // Without a listener Koa prints the error as it is, message and all; the types leave it out.
  const koa: EventEmitter = provider
  koa.on('error', (error: unknown, context?: Pick<KoaContextWithOIDC, 'res'>) => {
    const refusal = error instanceof Error && 'expose' in error && error.expose === true
    if (!refusal) report(error, context?.res)
  })
  provider.use(enrichAnswers({ db, audit, now, live, limit }))
  // Whoever ends TLS in front of this, and whatever it or a client says: the issuer is the address.
  provider.proxy = true
  const answer = provider.callback()
  const { host, protocol } = new URL(issuer)
  const reachedAtIssuer = ({ headers }: IncomingMessage): void => {
    headers['x-forwarded-proto'] = protocol.slice(0, -1)
    headers['x-forwarded-host'] = host
    delete headers['x-forwarded-for']
  }

  const fail = (response: ServerResponse, status: number): void => {
    if (response.headersSent) response.destroy()
    else response.writeHead(status, pageHeaders).end(refusalPage)
  }

  return {
    handlers: {
      'launch.create': async ({ sessionId, application }, { workstation }) => {
        const session = await live(sessionId)
        if (session === null)
          throw new CallFailure('session-ended', 'The session has ended: sign in again.')
        if (session.workstation !== workstation.id)
          throw new CallFailure('not-found', 'The session is not at this workstation.')
        const known = applications.some(({ id }) => id === application)
        if (!known || !session.applications.includes(application))
          throw new CallFailure('not-found', 'The session has no such application.')
        const { handle, expiresAt } = await launches.create(session, application)
        return { url: new URL(`/launch/${handle}`, issuer).href, expiresAt }
      },
    },

    requestListener(request, response) {
      const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
      const isLaunch = path.startsWith('/launch/')
      if (!isLaunch && !path.startsWith('/oidc/') && !documents.has(path)) return false
      // Only the issuer's own name is served.
      if (request.headers.host !== host) {
        fail(response, 421)
        return true
      }
      const within = (work: () => Promise<void>): true => {
        bound.run(work).catch((error: unknown) => {
          if (error instanceof Overload) {
            givenUp.add(response)
            return answerBusy(request, response, error)
          }
          report(error)
          fail(response, 500)
        })
        return true
      }
      if (isLaunch) return within(() => openLaunch(request, response))
      // The provider's browser session is never trusted: a launch is the only way in.
      cookies.set(
        request,
        new Map(applications.map(({ id }) => [id, cookieOf(request, partitionCookie(id))])),
      )
      delete request.headers.cookie
      reachedAtIssuer(request)
      if (request.method !== 'POST') return within(() => answer(request, response))
      // With the body there, so that who sends it slowly takes nobody's place.
      readBody(request).then(
        (body) => {
          if (body === null) return answerTooLarge(response)
          Object.assign(request, { body })
          within(() => answer(request, response))
        },
        () => response.destroy(),
      )
      return true
    },

    sessionEnded: forgetSession,

    dispose() {
      provider.removeAllListeners()
    },
  }
}
