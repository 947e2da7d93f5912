import type { Adapter, AdapterPayload } from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAdapter } from './adapter.ts'
import { startAuthority, type AuthorityFixture } from './fixture.ts'
import { sessionKey } from './session-key.ts'

let authority: AuthorityFixture
let clock = 1_000_000
let store: (model: string) => Adapter

beforeAll(async () => {
  authority = await startAuthority([])
  store = createAdapter({
    db: authority.db,
    audit: { append: async (_tx, input) => void authority.events.push(input) },
    now: () => clock,
    live: async (sessionId) => authority.sessions.get(sessionId) ?? null,
  })
})
afterAll(() => authority.stop())

const payloadOf = (sessionId: string, more: AdapterPayload = {}): AdapterPayload => ({
  grantId: sessionKey(sessionId, 'grant'),
  clientId: 'client-ehr',
  ...more,
})

describe('the store of the provider', () => {
  test('finds what belongs to a session while that is live, and nothing from then on', async () => {
    const { sessionId } = authority.addSession()
    const uid = sessionKey(sessionId, 'browser')
    await store('AccessToken').upsert('token', payloadOf(sessionId, { scope: 'launch' }), 300)
    await store('Session').upsert('cookie', { uid }, 300)
    await store('Grant').upsert(sessionKey(sessionId, 'grant'), { clientId: 'client-ehr' }, 300)
    const found = () =>
      Promise.all([
        store('AccessToken').find('token'),
        store('Session').find('cookie'),
        store('Session').findByUid(uid),
        store('Grant').find(sessionKey(sessionId, 'grant')),
      ])
    expect(await found()).toEqual([
      expect.objectContaining({ jti: 'token', scope: 'launch' }),
      expect.objectContaining({ uid }),
      expect.objectContaining({ uid }),
      expect.objectContaining({ clientId: 'client-ehr' }),
    ])
    authority.sessions.delete(sessionId)
    expect(await found()).toEqual([undefined, undefined, undefined, undefined])
  })

  test('takes nothing for a session that has ended', async () => {
    await expect(store('AccessToken').upsert('late', payloadOf('gone'), 300)).rejects.toMatchObject(
      { error: 'invalid_grant' },
    )
    await expect(store('AccessToken').upsert('loose', {}, 300)).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })

  test('forgets at the end of a life by the clock of the authority', async () => {
    const { sessionId } = authority.addSession()
    await store('RefreshToken').upsert('short', payloadOf(sessionId), 10)
    clock += 9_999
    expect(await store('RefreshToken').find('short')).toBeDefined()
    clock += 1
    expect(await store('RefreshToken').find('short')).toBeUndefined()
  })

  test('keeps the models apart: a code is no token', async () => {
    const { sessionId } = authority.addSession()
    await store('AuthorizationCode').upsert('same', payloadOf(sessionId), 60)
    expect(await store('AccessToken').find('same')).toBeUndefined()
  })

  test('marks what was consumed, and destroys the whole grant on a second try', async () => {
    const { sessionId } = authority.addSession()
    await store('RefreshToken').upsert('once', payloadOf(sessionId), 60)
    await store('AccessToken').upsert('sibling', payloadOf(sessionId), 60)
    await store('RefreshToken').consume('once')
    expect(await store('RefreshToken').find('once')).toHaveProperty('consumed')
    await expect(store('RefreshToken').consume('once')).rejects.toMatchObject({
      error: 'invalid_grant',
    })
    expect(await store('AccessToken').find('sibling')).toBeUndefined()
  })

  test('remembers an assertion until it would have expired anyway', async () => {
    await store('ReplayDetection').upsert('jti', {}, 30)
    await expect(store('ReplayDetection').upsert('jti', {}, 30)).rejects.toMatchObject({
      error: 'invalid_client',
    })
    clock += 30_001
    await expect(store('ReplayDetection').upsert('jti', {}, 30)).resolves.toBeUndefined()
  })
})
