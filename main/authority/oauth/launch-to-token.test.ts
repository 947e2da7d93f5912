import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBrowser, createTestClient } from './fixture-client.ts'
import { startAuthority, type AuthorityFixture } from './fixture.ts'

const ehr = await createTestClient('ehr')
const imaging = await createTestClient('imaging')
let authority: AuthorityFixture
let configuration: client.Configuration
let otherConfiguration: client.Configuration

beforeAll(async () => {
  authority = await startAuthority([ehr.application, imaging.application])
  configuration = await ehr.discover(authority.issuer)
  otherConfiguration = await imaging.discover(authority.issuer)
})
afterAll(() => authority.stop())

const signIn = async (session = authority.addSession()) => {
  const browser = createBrowser()
  const handle = await authority.launch(session, 'ehr')
  const { redeem } = await ehr.signIn(configuration, browser, handle)
  return { session, browser, tokens: await redeem() }
}
const introspect = (token: string) => client.tokenIntrospection(configuration, token)
/** How far earlier tests have moved the authority's clock. */
const authorityOffset = 60_001
const lastEvent = (name: string) => authority.events.findLast(({ event }) => event === name)

describe('a launch', () => {
  test('signs the person of the session in, with claims and context', async () => {
    const { tokens, session } = await signIn()
    const claims = tokens.claims()
    const told = {
      sub: 'mary',
      name: 'Mary Underwood',
      role: 'nurse',
      acr: 'http://idmanagement.gov/ns/assurance/aal/2',
      amr: ['hwk', 'user'],
      auth_time: Math.floor(session.verifiedAt / 1000),
      aal: 2,
      session_kind: 'standard',
      scope_level: 'full',
      purpose_of_use: 'TREAT',
      patient: 'p-204',
    }
    expect(claims).toMatchObject({ ...told, iss: authority.issuer, aud: 'client-ehr' })
    expect(tokens).toMatchObject({
      patient: 'p-204',
      purpose_of_use: 'TREAT',
      need_patient_banner: true,
      token_type: 'bearer',
    })
    expect(tokens.scope?.split(' ')).toEqual(
      expect.arrayContaining(['openid', 'launch', 'online_access', 'patient/*.cruds']),
    )
    expect(tokens.expires_in).toBeLessThanOrEqual(300)
    expect(await introspect(tokens.access_token)).toMatchObject({
      ...told,
      active: true,
      client_id: 'client-ehr',
      aud: ehr.application.resource,
      scope: 'launch patient/*.cruds patient/*.rs',
    })
    expect(lastEvent('token.issued')).toMatchObject({
      actor: 'mary',
      session: session.sessionId,
      detail: { client: 'client-ehr' },
    })
    expect(authority.failures).toEqual([])
  })

  test('leaves no cookie of the provider and one of ours that scripts cannot read', async () => {
    const { browser } = await signIn()
    expect([...browser.jar.keys()]).toEqual(['lanyard_launch_ehr'])
    const response = await createBrowser().get(
      await authority.launch(authority.addSession(), 'ehr'),
    )
    expect(response.headers.get('set-cookie')).toMatch(/Path=\/oidc\/auth; HttpOnly; SameSite=Lax/)
  })
})

describe('a launch handle', () => {
  test('opens once; the second try gets a plain page and a record', async () => {
    const session = authority.addSession()
    const handle = await authority.launch(session, 'ehr')
    const browser = createBrowser()
    expect((await browser.get(handle)).status).toBe(302)
    const second = await createBrowser().get(handle)
    expect(second.status).toBe(403)
    expect(second.headers.get('set-cookie')).toBeNull()
    expect(await second.text()).toContain('This link does not work')
    expect(lastEvent('launch.refused')).toMatchObject({
      session: session.sessionId,
      detail: { reason: 'used', application: 'ehr' },
    })
  })

  test('opens once even when thirty views open it at the same time', async () => {
    const handle = await authority.launch(authority.addSession(), 'ehr')
    const answers = await Promise.all(Array.from({ length: 30 }, () => createBrowser().get(handle)))
    expect(answers.filter(({ status }) => status === 302)).toHaveLength(1)
  })

  test('is dead after a minute', async () => {
    const handle = await authority.launch(authority.addSession(), 'ehr')
    authority.advance(60_001)
    expect((await createBrowser().get(handle)).status).toBe(403)
    expect(lastEvent('launch.refused')?.detail).toMatchObject({ reason: 'expired' })
  })

  test('is dead with its session', async () => {
    const session = authority.addSession()
    const handle = await authority.launch(session, 'ehr')
    authority.sessions.delete(session.sessionId)
    expect((await createBrowser().get(handle)).status).toBe(403)
    expect(lastEvent('launch.refused')?.detail).toMatchObject({ reason: 'session-ended' })
  })

  test('that nobody made is refused without saying so', async () => {
    const answer = await createBrowser().get(`${authority.issuer}/launch/${'A'.repeat(43)}`)
    expect(answer.status).toBe(403)
    expect(await answer.text()).not.toMatch(/unknown/i)
  })

  test.each([
    ['a frame', { 'sec-fetch-dest': 'iframe' }],
    ['a script', { 'sec-fetch-dest': 'empty' }],
  ])('is not used up by %s', async (_who, headers) => {
    const handle = await authority.launch(authority.addSession(), 'ehr')
    expect((await createBrowser().get(handle, headers)).status).toBe(403)
    expect((await createBrowser().get(handle)).status).toBe(302)
  })

  test('is made for live sessions, their own workstation and their own applications only', async () => {
    const session = authority.addSession({ applications: ['ehr'] })
    const create = authority.oauth.handlers['launch.create']
    const elsewhere = { workstation: { ...authority.caller.workstation, id: 'ws-2' } }
    const { sessionId } = session
    await expect(authority.launch(session, 'imaging')).rejects.toMatchObject({ code: 'not-found' })
    await expect(
      create({ sessionId, application: 'ehr' }, elsewhere as typeof authority.caller),
    ).rejects.toMatchObject({ code: 'not-found' })
    authority.sessions.delete(sessionId)
    await expect(authority.launch(session, 'ehr')).rejects.toMatchObject({ code: 'session-ended' })
  })
})

describe('an authorization request', () => {
  /** The error that the client or, where it must not be told, the browser gets. */
  const refusal = async (
    parameters: Record<string, string | null>,
    browser = createBrowser(),
    handle?: string,
  ) => {
    const { response } = await ehr.authorize(
      configuration,
      browser,
      handle ?? (await authority.launch(authority.addSession(), 'ehr')),
      parameters,
    )
    const location = response.headers.get('location')
    // An answer to an implicit request travels in the fragment.
    const told = location === null ? null : new URL(location.replace('#', '?'))
    return {
      status: response.status,
      code: told?.searchParams.get('code') ?? null,
      error: told?.searchParams.get('error') ?? null,
      origin: told?.origin ?? null,
    }
  }

  test.each([
    ['without PKCE', { code_challenge: null, code_challenge_method: null }, 'invalid_request'],
    ['with PKCE in the clear', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['without a launch', { launch: null }, 'access_denied'],
    ['with an invented launch', { launch: 'A'.repeat(43) }, 'access_denied'],
    ['for another resource', { resource: 'http://imaging.invalid/' }, 'invalid_target'],
    ['with another SMART audience', { aud: 'http://imaging.invalid/' }, 'invalid_target'],
    ['for an implicit token', { response_type: 'id_token token' }, 'unsupported_response_type'],
    ['that wants a new verification', { prompt: 'login' }, 'login_required'],
    ['that wants a younger verification', { max_age: '0' }, 'login_required'],
  ])('%s is refused', async (_how, parameters, error) => {
    expect(await refusal(parameters)).toMatchObject({ code: null, error })
  })

  test.each([
    ['another origin', 'http://evil.invalid/callback'],
    ['a longer path', 'http://ehr.invalid/callback/more'],
    ['a query added', 'http://ehr.invalid/callback?x=1'],
    ['another case', 'http://ehr.invalid/Callback'],
  ])('to %s is answered here, never there', async (_how, redirect) => {
    expect(await refusal({ redirect_uri: redirect })).toEqual({
      status: 400,
      code: null,
      error: null,
      origin: null,
    })
  })

  test('of a browser that did not open the handle is refused', async () => {
    const browser = createBrowser()
    const started = await browser.follow(await authority.launch(authority.addSession(), 'ehr'))
    const thief = createBrowser()
    const launch = started.searchParams.get('launch')
    expect(await refusal({ launch }, thief)).toMatchObject({ error: 'access_denied' })
    expect(lastEvent('launch.refused')?.detail).toMatchObject({ reason: 'other-partition' })
  })

  test('with the launch of another application is refused and leaves that launch usable', async () => {
    const session = authority.addSession()
    const browser = createBrowser()
    const started = await browser.follow(await authority.launch(session, 'imaging'))
    const launch = started.searchParams.get('launch') ?? ''
    const stolen = await refusal({ launch }, browser, await authority.launch(session, 'ehr'))
    expect(stolen).toMatchObject({ code: null, error: 'access_denied' })
    expect(lastEvent('launch.refused')?.detail).toMatchObject({
      reason: 'other-client',
      application: 'imaging',
      client: 'ehr',
    })
    const url = client.buildAuthorizationUrl(otherConfiguration, {
      redirect_uri: 'http://imaging.invalid/callback',
      scope: 'openid launch',
      launch,
      state: 'state',
      code_challenge: await client.calculatePKCECodeChallenge('v'.repeat(43)),
      code_challenge_method: 'S256',
    })
    expect((await browser.follow(url.href)).searchParams.get('code')).toBeTruthy()
  })

  test('with a used launch is refused', async () => {
    const browser = createBrowser()
    const handle = await authority.launch(authority.addSession(), 'ehr')
    const { url, response } = await ehr.authorize(configuration, browser, handle)
    expect(new URL(response.headers.get('location') ?? '').searchParams.get('code')).toBeTruthy()
    const again = await browser.follow(url.href)
    expect(again.searchParams.get('error')).toBe('access_denied')
    expect(lastEvent('launch.refused')?.detail).toMatchObject({ reason: 'used' })
  })

  test('reaches nobody through the Host header', async () => {
    const { port } = new URL(authority.issuer)
    const answer = await createBrowser().get(`http://localhost:${port}/oidc/jwks`)
    expect(answer.status).toBe(421)
  })
})

describe('a code', () => {
  test('that is redeemed fifty times at once buys one token, and the replay kills it', async () => {
    const handle = await authority.launch(authority.addSession(), 'ehr')
    const { redeem } = await ehr.signIn(configuration, createBrowser(), handle)
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, redeem))
    const tokens = outcomes.flatMap((outcome) =>
      outcome.status === 'fulfilled' ? [outcome.value] : [],
    )
    expect(tokens).toHaveLength(1)
    const refusals = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [(outcome.reason as { error?: string }).error] : [],
    )
    expect(new Set(refusals)).toEqual(new Set(['invalid_grant']))
    for (const { access_token } of tokens)
      expect(await introspect(access_token)).toEqual({ active: false })
    expect(lastEvent('token.refused')?.detail).toMatchObject({
      client: 'client-ehr',
      reason: 'invalid_grant',
    })
  })

  test('of one client is worthless to another', async () => {
    const browser = createBrowser()
    const handle = await authority.launch(authority.addSession(), 'ehr')
    const { response, verifier, state } = await ehr.authorize(configuration, browser, handle)
    const callback = new URL(response.headers.get('location') ?? '')
    await expect(
      client.authorizationCodeGrant(otherConfiguration, callback, {
        pkceCodeVerifier: verifier,
        expectedState: state,
      }),
    ).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  test('needs the verifier of its challenge', async () => {
    const handle = await authority.launch(authority.addSession(), 'ehr')
    const { response, state } = await ehr.authorize(configuration, createBrowser(), handle)
    const callback = new URL(response.headers.get('location') ?? '')
    await expect(
      client.authorizationCodeGrant(configuration, callback, {
        pkceCodeVerifier: client.randomPKCECodeVerifier(),
        expectedState: state,
      }),
    ).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  test('buys nothing once its session has ended', async () => {
    const session = authority.addSession()
    const handle = await authority.launch(session, 'ehr')
    const { redeem } = await ehr.signIn(configuration, createBrowser(), handle)
    authority.sessions.delete(session.sessionId)
    await expect(redeem()).rejects.toMatchObject({ error: 'invalid_grant' })
  })
})

describe('a token', () => {
  test('is inactive for everything the moment its session ends', async () => {
    const { session, tokens } = await signIn()
    expect(await introspect(tokens.access_token)).toMatchObject({ active: true })
    authority.sessions.delete(session.sessionId)
    expect(await introspect(tokens.access_token)).toEqual({ active: false })
    expect(await introspect(tokens.refresh_token ?? '')).toEqual({ active: false })
    await expect(
      client.refreshTokenGrant(configuration, tokens.refresh_token ?? ''),
    ).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  test('leaves nothing in the store when the session ends', async () => {
    const { session } = await signIn()
    const rows = () =>
      authority.db.read
        .selectFrom('oauth_record')
        .select('model')
        .where('session_id', '=', session.sessionId)
        .execute()
    expect(new Set((await rows()).map(({ model }) => model))).toEqual(
      new Set(['AccessToken', 'RefreshToken', 'AuthorizationCode', 'Grant', 'Session']),
    )
    await authority.endSession(session.sessionId)
    expect(await rows()).toEqual([])
  })

  test('is stored as a hash only', async () => {
    const { tokens } = await signIn()
    const stored = JSON.stringify(
      await authority.db.read.selectFrom('oauth_record').selectAll().execute(),
    )
    expect(stored).not.toContain(tokens.access_token)
    expect(stored).not.toContain(tokens.refresh_token)
  })

  test('tells another client nothing', async () => {
    const { tokens } = await signIn()
    const told = await client.tokenIntrospection(otherConfiguration, tokens.access_token)
    expect(told).toEqual({ active: false })
    await client.tokenRevocation(otherConfiguration, tokens.access_token)
    expect(await introspect(tokens.access_token)).toMatchObject({ active: true })
  })

  test('is gone with its grant when its client revokes it', async () => {
    const { tokens } = await signIn()
    await client.tokenRevocation(configuration, tokens.access_token)
    expect(await introspect(tokens.access_token)).toEqual({ active: false })
    expect(await introspect(tokens.refresh_token ?? '')).toEqual({ active: false })
  })

  test('lives no longer than its session', async () => {
    const { tokens } = await signIn(
      authority.addSession({ endsAt: Date.now() + authorityOffset + 90_000 }),
    )
    expect(tokens.expires_in).toBeLessThanOrEqual(90)
  })

  test('is renewed in the session, once per refresh token; reuse kills the family', async () => {
    const { tokens } = await signIn()
    const first = tokens.refresh_token ?? ''
    const renewed = await client.refreshTokenGrant(configuration, first, {
      resource: ehr.application.resource,
    })
    expect(renewed.refresh_token).not.toBe(first)
    expect(await introspect(renewed.access_token)).toMatchObject({
      active: true,
      aud: ehr.application.resource,
    })
    await expect(client.refreshTokenGrant(configuration, first)).rejects.toMatchObject({
      error: 'invalid_grant',
    })
    expect(await introspect(renewed.access_token)).toEqual({ active: false })
    await expect(
      client.refreshTokenGrant(configuration, renewed.refresh_token ?? ''),
    ).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  test('is not renewed without online access, and offline access does not exist', async () => {
    const browser = createBrowser()
    const handle = await authority.launch(authority.addSession(), 'ehr')
    const { response, verifier, state, nonce } = await ehr.authorize(
      configuration,
      browser,
      handle,
      { scope: 'openid launch offline_access' },
    )
    const tokens = await client.authorizationCodeGrant(
      configuration,
      new URL(response.headers.get('location') ?? ''),
      { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce },
    )
    expect(tokens.refresh_token).toBeUndefined()
    expect(tokens.scope).not.toContain('offline_access')
  })

  test('without a resource opens userinfo and says the same there', async () => {
    const browser = createBrowser()
    const handle = await authority.launch(authority.addSession(), 'ehr')
    const { response, verifier, state, nonce } = await ehr.authorize(configuration, browser, handle)
    const tokens = await client.authorizationCodeGrant(
      configuration,
      new URL(response.headers.get('location') ?? ''),
      { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce },
    )
    expect(await client.fetchUserInfo(configuration, tokens.access_token, 'mary')).toMatchObject({
      sub: 'mary',
      role: 'nurse',
      aal: 2,
      purpose_of_use: 'TREAT',
      patient: 'p-204',
    })
    expect(await introspect(tokens.access_token)).not.toHaveProperty('aud')
  })
})

describe('an emergency', () => {
  test('shows at the next introspection and is over on time, whatever the token said', async () => {
    const { session, tokens } = await signIn(authority.addSession({ patient: 'p-212' }))
    const endsAt = Date.now() + authorityOffset + 15 * 60_000
    authority.sessions.set(session.sessionId, {
      ...session,
      override: { patient: 'p-231', endsAt, reason: 'emergency-treatment' },
    })
    expect(await introspect(tokens.access_token)).toMatchObject({
      purpose_of_use: 'BTG',
      patient: 'p-231',
      override_reason: 'emergency-treatment',
      override_until: Math.floor(endsAt / 1000),
    })
    authority.sessions.set(session.sessionId, {
      ...session,
      override: { patient: 'p-231', endsAt: endsAt - 15 * 60_000, reason: 'other' },
    })
    const after = await introspect(tokens.access_token)
    expect(after).toMatchObject({ purpose_of_use: 'TREAT', patient: 'p-212' })
    expect(after).not.toHaveProperty('override_until')
  })

  test('of identity gives a reduced session reading scopes and no assurance', async () => {
    const { tokens } = await signIn(
      authority.addSession({ kind: 'fallback', scope: 'reduced', aal: 0, amr: ['witness'] }),
    )
    expect(tokens.claims()).toMatchObject({
      acr: '0',
      aal: 0,
      amr: ['witness'],
      session_kind: 'fallback',
      scope_level: 'reduced',
    })
    expect(await introspect(tokens.access_token)).toMatchObject({ scope: 'launch patient/*.rs' })
  })
})

describe('a client', () => {
  test('proves itself with a fresh assertion every time', async () => {
    const { tokens } = await signIn()
    let body = ''
    const recording = await ehr.discover(authority.issuer)
    recording[client.customFetch] = async (url, options) => {
      body = new URLSearchParams(options.body as URLSearchParams).toString()
      return fetch(url, options as RequestInit)
    }
    await client.tokenIntrospection(recording, tokens.access_token)
    const replay = await fetch(`${authority.issuer}/oidc/introspect`, {
      method: 'POST',
      body: new URLSearchParams(body),
    })
    expect(replay.status).toBe(401)
    expect(await replay.json()).toMatchObject({ error: 'invalid_client' })
  })

  test('may replay an assertion fifty times at once: one passes', async () => {
    const { tokens } = await signIn()
    let body = ''
    const recording = await ehr.discover(authority.issuer)
    recording[client.customFetch] = async (_url, options) => {
      body = new URLSearchParams(options.body as URLSearchParams).toString()
      return Response.json({ active: false })
    }
    await client.tokenIntrospection(recording, tokens.access_token)
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        fetch(`${authority.issuer}/oidc/introspect`, {
          method: 'POST',
          body: new URLSearchParams(body),
        }),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('finds S256, ES256, code and private_key_jwt in the discovery document, and no more', () => {
    expect(configuration.serverMetadata()).toMatchObject({
      issuer: authority.issuer,
      authorization_endpoint: `${authority.issuer}/oidc/auth`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      id_token_signing_alg_values_supported: ['ES256'],
      authorization_response_iss_parameter_supported: true,
    })
    expect(configuration.serverMetadata().grant_types_supported).not.toContain('implicit')
    expect(configuration.serverMetadata()['end_session_endpoint']).toBeUndefined()
  })
})
