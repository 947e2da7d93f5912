import { randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair } from 'jose'
import type { Context, MiddlewareHandler } from 'hono'
import { Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import * as client from 'openid-client'
import { z } from 'zod'
import type { Application } from '../../../main/authority/protocol/process.ts'
import { signedOutPage, unreachablePage } from './pages.ts'

/** What the authority says of the person and the context at this very request. */
const userSchema = z.looseObject({
  sub: z.string(),
  name: z.string(),
  role: z.string(),
  aal: z.number(),
  session_kind: z.enum(['standard', 'fallback']),
  scope_level: z.enum(['full', 'reduced']),
  purpose_of_use: z.enum(['TREAT', 'BTG']),
  patient: z.string().optional(),
  override_reason: z.string().optional(),
  override_until: z.number().optional(),
})
export type User = z.infer<typeof userSchema>

export type SandboxEnvironment = { Variables: { user: User } }

export interface RelyingPartyOptions {
  readonly id: string
  readonly kind: Application['kind']
  readonly name: string
  readonly url: string
}

export interface RelyingParty {
  readonly application: Application
  /** `/launch` and `/callback`. */
  readonly routes: Hono
  /** Lets a request pass while its token is active, with `user` set; else "You are signed out". */
  readonly signedIn: MiddlewareHandler<SandboxEnvironment>
  connect(issuer: string): Promise<void>
  /** Introspects the last access token that was received, as the application would. */
  introspectLast(): Promise<boolean>
}

interface Pending {
  readonly verifier: string
  readonly nonce: string
  readonly at: number
}

interface Session {
  readonly id: string
  accessToken: string
  refreshToken: string | undefined
  /** Milliseconds since the Unix epoch; the token is renewed a little before. */
  expiresAt: number
  renewing: Promise<void> | null
}

const pendingLife = 120_000
const renewBefore = 20_000
const newId = () => randomBytes(32).toString('base64url')

/**
 * A confidential OpenID relying party with an EHR launch (SMART App Launch 2.2): `private_key_jwt`
 * with a key made at start, PKCE, one token for this application only, introspected at every
 * request so that a session that ended elsewhere ends here too.
 */
export const createRelyingParty = async (options: RelyingPartyOptions): Promise<RelyingParty> => {
  const { id, kind, name, url } = options
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const kid = `${id}-${newId().slice(0, 8)}`
  const application: Application = {
    id,
    name,
    kind,
    clientId: `sandbox-${id}`,
    redirectUris: [`${url}/callback`],
    launchUrl: `${url}/launch`,
    resource: `${url}/`,
    origins: [url],
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }] },
  }
  // Cookies know no ports: on one loopback address the names must keep applications apart.
  const launchCookie = `sandbox_${id}_launch`
  const sessionCookie = `sandbox_${id}_session`
  const cookie = { httpOnly: true, sameSite: 'Lax', path: '/' } as const

  const pending = new Map<string, Pending>()
  const sessions = new Map<string, Session>()
  let connected: { issuer: string; configuration: client.Configuration } | null = null
  let lastToken: string | null = null

  const keep = (session: Pick<Session, 'id'>, tokens: client.TokenEndpointResponse): Session => {
    lastToken = tokens.access_token
    return {
      id: session.id,
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      expiresAt: Date.now() + (tokens.expires_in ?? 0) * 1000,
      renewing: null,
    }
  }

  /** One renewal at a time: a refresh token that is used twice revokes everything. */
  const renew = async (session: Session, configuration: client.Configuration): Promise<void> => {
    if (session.refreshToken === undefined) return
    session.renewing ??= client
      .refreshTokenGrant(configuration, session.refreshToken, { resource: application.resource })
      .then((tokens) => void Object.assign(session, keep(session, tokens)))
      .finally(() => {
        session.renewing = null
      })
    await session.renewing
  }

  const userOf = async (context: Context): Promise<User | null> => {
    const session = sessions.get(getCookie(context, sessionCookie) ?? '')
    if (session === undefined || connected === null) return null
    const { configuration } = connected
    try {
      if (Date.now() > session.expiresAt - renewBefore) await renew(session, configuration)
      let told = await client.tokenIntrospection(configuration, session.accessToken)
      // Over by the authority's clock, if not by ours: a session that lives gives a new one.
      if (!told.active) {
        await renew(session, configuration)
        told = await client.tokenIntrospection(configuration, session.accessToken)
      }
      const user = userSchema.safeParse(told)
      if (told.active && told.aud === application.resource && user.success) return user.data
    } catch (error) {
      if (!(error instanceof client.ResponseBodyError)) throw error
    }
    sessions.delete(session.id)
    deleteCookie(context, sessionCookie, cookie)
    return null
  }

  const routes = new Hono()
  routes.get('/launch', async (context) => {
    const { iss, launch } = context.req.query()
    if (connected === null) return context.html(unreachablePage(name), 503)
    if (iss !== connected.issuer || launch === undefined || launch === '')
      return context.html(signedOutPage(name), 400)

    // Whoever was signed in here before is not who launches now.
    sessions.delete(getCookie(context, sessionCookie) ?? '')
    deleteCookie(context, sessionCookie, cookie)
    for (const [state, { at }] of pending) if (Date.now() - at > pendingLife) pending.delete(state)

    const verifier = client.randomPKCECodeVerifier()
    const state = client.randomState()
    const nonce = client.randomNonce()
    pending.set(state, { verifier, nonce, at: Date.now() })
    setCookie(context, launchCookie, state, { ...cookie, maxAge: pendingLife / 1000 })
    const target = client.buildAuthorizationUrl(connected.configuration, {
      redirect_uri: `${url}/callback`,
      scope: 'openid profile launch online_access patient/*.rs patient/*.cruds',
      resource: application.resource,
      launch,
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    return context.redirect(target.href)
  })

  routes.get('/callback', async (context) => {
    const state = getCookie(context, launchCookie)
    const waiting = pending.get(state ?? '')
    if (connected === null || state === undefined || waiting === undefined)
      return context.html(signedOutPage(name), 400)
    pending.delete(state)
    deleteCookie(context, launchCookie, cookie)
    try {
      const { search } = new URL(context.req.url)
      const tokens = await client.authorizationCodeGrant(
        connected.configuration,
        new URL(`${url}/callback${search}`),
        {
          pkceCodeVerifier: waiting.verifier,
          expectedState: state,
          expectedNonce: waiting.nonce,
          idTokenExpected: true,
        },
        { resource: application.resource },
      )
      const session = keep({ id: newId() }, tokens)
      sessions.set(session.id, session)
      setCookie(context, sessionCookie, session.id, cookie)
      return context.redirect('/')
    } catch (error) {
      const refused =
        error instanceof client.ResponseBodyError ||
        error instanceof client.AuthorizationResponseError ||
        error instanceof client.ClientError
      if (!refused) throw error
      return context.html(signedOutPage(name), 401)
    }
  })

  return {
    application,
    routes,
    signedIn: async (context, next) => {
      const user = await userOf(context)
      if (user === null) return context.html(signedOutPage(name), 401)
      context.set('user', user)
      await next()
      return undefined
    },
    async connect(issuer) {
      const configuration = await client.discovery(
        new URL(issuer),
        application.clientId,
        {},
        client.PrivateKeyJwt({ key: privateKey, kid }),
        { execute: issuer.startsWith('http:') ? [client.allowInsecureRequests] : [] },
      )
      connected = { issuer, configuration }
    },
    async introspectLast() {
      if (connected === null || lastToken === null) return false
      const { active } = await client.tokenIntrospection(connected.configuration, lastToken)
      return active
    },
  }
}
