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
