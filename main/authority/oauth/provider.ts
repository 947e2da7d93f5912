import { createPrivateKey } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import {
  errors,
  interactionPolicy,
  Provider,
  type AdapterFactory,
  type ClientMetadata,
  type Configuration,
  type JWK,
  type KoaContextWithOIDC,
} from 'oidc-provider'
import type { LiveSession } from '../context.ts'
import type { Application } from '../protocol/index.ts'
import { acrOf, claimsOf } from './claims.ts'
import type { Launches } from './launches.ts'
import { refusalPage } from './pages.ts'
import { newSecret } from './secrets.ts'
import { sessionKey, sessionOfKey } from './session-key.ts'

/** Longest life of an access token, in seconds; the session's end comes first. */
export const ACCESS_TOKEN_LIFE = 300
const CODE_LIFE = 60
const ID_TOKEN_LIFE = 300

/** SMART App Launch 2.2 scopes of an application's own resource; a reduced session only reads. */
const readScopes = ['launch', 'patient/*.rs']
const writeScopes = ['patient/*.cruds']
const signingAlgorithms = ['ES256', 'ES384', 'PS256', 'PS384', 'RS256', 'RS384'] as const

export interface ProviderOptions {
  readonly issuer: string
  readonly applications: readonly Application[]
  readonly idTokenKey: Uint8Array
  readonly cookieKey: Uint8Array
  readonly adapter: AdapterFactory
  readonly launches: Pick<Launches, 'use'>
  /** The cookie that binds this request's browser to the launch of an application. */
  readonly partitionOf: (
    request: KoaContextWithOIDC['req'],
    application: string,
  ) => string | undefined
  readonly live: (sessionId: string) => Promise<LiveSession | null>
  readonly now: () => number
}

const signingKey = async (der: Uint8Array): Promise<JWK> => {
  const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
  const jwk = key.export({ format: 'jwk' })
  if (jwk.kty !== 'EC' || jwk.crv !== 'P-256')
    throw new TypeError(`ID token key: expected P-256, got ${jwk.crv ?? jwk.kty ?? 'nothing'}`)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES256', use: 'sig' }
}

const clientOf = (application: Application): ClientMetadata => ({
  client_id: application.clientId,
  client_name: application.name,
  redirect_uris: [...application.redirectUris],
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'private_key_jwt',
  id_token_signed_response_alg: 'ES256',
  jwks: application.jwks,
})

/**
 * The pinned OpenID provider, configured down to what Lanyard needs: code with PKCE, confidential
 * clients with keys, opaque tokens. It has no sign-in page and no browser session of its own: an
 * authorization request is answered from a one-time launch or refused.
 */
export const createProvider = async (options: ProviderOptions): Promise<Provider> => {
  const { issuer, applications, launches, partitionOf, live, now } = options
  const applicationOf = new Map(applications.map((entry) => [entry.clientId, entry]))
  const secondsLeft = (session: LiveSession | undefined): number =>
    Math.max(1, Math.floor(((session?.endsAt ?? 0) - now()) / 1000))
  /** The session of a request, for the lives that the provider computes synchronously. */
  const sessionOf = (ctx: KoaContextWithOIDC): LiveSession | undefined => {
    const session = ctx.oidc.account?.['session']
    return session === undefined ? undefined : (session as LiveSession)
  }
  const accountOf = (session: LiveSession) => ({
    accountId: session.personId,
    session,
    claims: async () => claimsOf(session, now()),
  })

  /** Answers the authorization request from its launch; what it throws goes back to the client. */
  const answer = async (ctx: KoaContextWithOIDC): Promise<boolean> => {
    const { oidc } = ctx
    const application = applicationOf.get(oidc.client?.clientId ?? '')
    if (application === undefined) throw new errors.AccessDenied('the application is unknown')
    // Only Lanyard verifies people, so a wish for a new verification cannot be met from here.
    if (oidc.prompts.size > 0 && !oidc.prompts.has('none'))
      throw new errors.LoginRequired('verify at the workstation, then open the application again')

    const launch = oidc.params?.['launch']
    const used = await launches.use(
      typeof launch === 'string' ? launch : undefined,
      partitionOf(ctx.req, application.id),
      application.id,
    )
    if (!used.ok)
      throw new errors.AccessDenied('no valid launch: open the application from Lanyard again')
    const { session } = used
    const verifiedAt = Math.floor(session.verifiedAt / 1000)
    const maxAge = oidc.params?.['max_age']
    if (maxAge !== undefined && Math.floor(now() / 1000) - verifiedAt > Number(maxAge))
      throw new errors.LoginRequired('verify at the workstation, then open the application again')
    const hint = oidc.entities.IdTokenHint?.payload['sub']
    if (hint !== undefined && hint !== session.personId)
      throw new errors.LoginRequired('another person is signed in')

    const { clientId } = application
    const providerSession = oidc.session
    if (providerSession === undefined) throw new TypeError('authorization without a session')
    Object.assign(providerSession, { uid: sessionKey(session.sessionId, newSecret()) })
    providerSession.loginAccount({
      accountId: session.personId,
      loginTs: verifiedAt,
      acr: acrOf(session),
      amr: [...session.amr],
    })
    oidc.entity('Account', accountOf(session))

    const requested = [...oidc.requestParamScopes]
    const grant = new oidc.provider.Grant({ accountId: session.personId, clientId })
    grant.jti = sessionKey(session.sessionId, newSecret())
    grant.addOIDCScope([...oidc.requestParamOIDCScopes])
    const allowed = new Set(session.scope === 'full' ? [...readScopes, ...writeScopes] : readScopes)
    grant.addResourceScope(
      application.resource,
      requested.filter((scope) => allowed.has(scope)),
    )
    await grant.save()
    providerSession.ensureClientContainer(clientId)
    providerSession.grantIdFor(clientId, grant.jti)
    oidc.entity('Grant', grant)
    return interactionPolicy.Check.NO_NEED_TO_PROMPT
  }

  const configuration: Configuration = {
    adapter: options.adapter,
    clients: applications.map(clientOf),
    jwks: { keys: [await signingKey(options.idTokenKey)] },
    // Every key is in the register, so there is nothing to fetch; by default the provider would
    // follow addresses that it is given.
    fetch: async () => {
      throw new TypeError('the authority fetches nothing: put the key set into the register')
    },
    routes: {
      authorization: '/oidc/auth',
      token: '/oidc/token',
      userinfo: '/oidc/userinfo',
      introspection: '/oidc/introspect',
      revocation: '/oidc/revoke',
      jwks: '/oidc/jwks',
      end_session: '/oidc/end',
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_ctx, client) => applicationOf.get(client.clientId)?.resource ?? [],
        getResourceServerInfo: (_ctx, resource, client) => {
          if (applicationOf.get(client.clientId)?.resource !== resource)
            throw new errors.InvalidTarget('a token is for the application itself only')
          return {
            audience: resource,
            scope: [...readScopes, ...writeScopes].join(' '),
            accessTokenFormat: 'opaque',
            accessTokenTTL: ACCESS_TOKEN_LIFE,
          }
        },
      },
    },
    interactions: {
      policy: [
        new interactionPolicy.Prompt(
          { name: 'login', requestable: true },
          new interactionPolicy.Check('launch', 'a launch is needed', 'login_required', answer),
        ),
      ],
      url: () => '/launch/',
    },
    findAccount: async (_ctx, accountId, token) => {
      const key = token === undefined ? undefined : (token as { grantId?: string }).grantId
      const session = await live(sessionOfKey(key) ?? '')
      return session?.personId === accountId ? accountOf(session) : undefined
    },
    loadExistingGrant: async () => undefined,
    expiresWithSession: async () => true,
    issueRefreshToken: async (_ctx, _client, source) => source.scopes.has('online_access'),
    rotateRefreshToken: true,
    revokeGrantPolicy: () => true,
    pkce: { required: () => true },
    responseTypes: ['code'],
    clientAuthMethods: ['private_key_jwt'],
    enabledJWA: {
      clientAuthSigningAlgValues: [...signingAlgorithms],
      idTokenSigningAlgValues: ['ES256'],
    },
    scopes: ['openid', 'profile', 'launch', 'online_access'],
    claims: {
      openid: [
        'sub',
        'name',
        'role',
        'acr',
        'amr',
        'auth_time',
        'aal',
        'session_kind',
        'scope_level',
        'purpose_of_use',
        'override_reason',
        'override_until',
      ],
      launch: ['patient'],
    },
    conformIdTokenClaims: false,
    extraParams: {
      launch: () => undefined,
      // SMART names the resource it wants; only the application's own makes sense here.
      aud: (_ctx, value, client) => {
        const own = [issuer, applicationOf.get(client.clientId)?.resource]
        if (value !== undefined && !own.some((name) => sameUrl(name, value)))
          throw new errors.InvalidTarget('aud: expected the issuer of the launch')
      },
    },
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS: () => false,
    cookies: {
      names: { session: 'lanyard_op', interaction: 'lanyard_op_i', resume: 'lanyard_op_r' },
      keys: [Buffer.from(options.cookieKey).toString('base64url')],
      long: { httpOnly: true, sameSite: 'lax', path: '/oidc' },
      short: { httpOnly: true, sameSite: 'lax', path: '/oidc' },
    },
    ttl: {
      AccessToken: (ctx) => Math.min(ACCESS_TOKEN_LIFE, secondsLeft(sessionOf(ctx))),
      AuthorizationCode: CODE_LIFE,
      IdToken: ID_TOKEN_LIFE,
      RefreshToken: (ctx) => secondsLeft(sessionOf(ctx)),
      Grant: (ctx) => secondsLeft(sessionOf(ctx)),
      Session: (ctx) => secondsLeft(sessionOf(ctx)),
      Interaction: CODE_LIFE,
    },
    renderError: (ctx) => {
      ctx.type = 'html'
      ctx.body = refusalPage
    },
  }
  return new Provider(issuer, configuration)
}

const sameUrl = (left: string | undefined, right: string): boolean =>
  left !== undefined && left.replace(/\/$/, '') === right.replace(/\/$/, '')
