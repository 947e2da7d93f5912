import { setTimeout as delay } from 'node:timers/promises'
import * as client from 'openid-client'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { createBrowser, createTestClient } from '../../../main/authority/oauth/fixture-client.ts'
import { openPostgres } from '../../../main/store/postgres/index.ts'
import { openOauthNodes } from './oauth-nodes.ts'
import { newSchema } from './schema.ts'

const ehr = await createTestClient('ehr')
let place: ReturnType<typeof newSchema>
let house: Awaited<ReturnType<typeof openOauthNodes>>
let configuration: client.Configuration

const open = () => openPostgres({ ...place.session, waitTimeout: 30_000 })

beforeEach(async () => {
  place = newSchema(inject('postgres'))
  house = await openOauthNodes(open, [ehr.application])
  configuration = await ehr.discover(house.issuer)
})
afterEach(async () => {
  await house.dispose()
  await place.drop()
})

/** Fifty requests at once, by turns on both nodes: those that were fulfilled, and why others not. */
async function fifty<T>(redeem: () => Promise<T>) {
  const before = [...house.asked]
  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, redeem))
  expect(house.asked.map((now, at) => now - (before[at] ?? 0))).toEqual([25, 25])
  expect(house.failures).toEqual([])
  const refusals = outcomes.flatMap((one) =>
    one.status === 'rejected' ? [(one.reason as { error?: string }).error ?? one.reason] : [],
  )
  return {
    won: outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    refusals: new Set(refusals),
  }
}
const signIn = async () => {
  const { redeem } = await ehr.signIn(configuration, createBrowser(), await house.launch('ehr'))
  return redeem
}
const introspect = (token: string | undefined) =>
  client.tokenIntrospection(configuration, token ?? '')
const issued = async () => {
  const rows = await house.db.read.selectFrom('auditRecord').select('body').execute()
  return rows.filter(({ body }) => body.includes('"token.issued"')).length
}

test('a launch handle is opened once', async () => {
  const handle = await house.launch('ehr')
  const { won } = await fifty(() => createBrowser().get(handle))
  expect(won.filter(({ status }) => status === 302)).toHaveLength(1)
  expect(won.filter(({ status }) => status === 403)).toHaveLength(49)
})

test('a launch answers one authorization request', async () => {
  const browser = createBrowser()
  const started = await browser.follow(await house.launch('ehr'))
  const url = client.buildAuthorizationUrl(configuration, {
    redirect_uri: 'http://ehr.invalid/callback',
    scope: 'openid launch',
    launch: started.searchParams.get('launch') ?? '',
    state: 'state',
    code_challenge: await client.calculatePKCECodeChallenge('v'.repeat(43)),
    code_challenge_method: 'S256',
  })
  const { won } = await fifty(() => browser.follow(url.href))
  expect(won.filter((told) => told.searchParams.has('code'))).toHaveLength(1)
  expect(won.filter((told) => told.searchParams.get('error') === 'access_denied')).toHaveLength(49)
})

test('an authorization code buys one token, and its replay kills that', async () => {
  const { won, refusals } = await fifty(await signIn())
  expect(won).toHaveLength(1)
  expect(refusals).toEqual(new Set(['invalid_grant']))
  expect(await issued()).toBe(1)
  expect(await introspect(won[0]?.access_token)).toEqual({ active: false })
})

test('a refresh token renews once, and its replay kills the family', async () => {
  const { refresh_token: token = '' } = await (await signIn())()
  const { won, refusals } = await fifty(() => client.refreshTokenGrant(configuration, token))
  expect(won).toHaveLength(1)
  expect(refusals).toEqual(new Set(['invalid_grant']))
  expect(await issued()).toBe(2)
  expect(await introspect(won[0]?.access_token)).toEqual({ active: false })
})

test('a client assertion proves an application once', async () => {
  const { access_token: token } = await (await signIn())()
  let body = ''
  const recording = await ehr.discover(house.issuer)
  recording[client.customFetch] = async (_url, options) => {
    body = new URLSearchParams(options.body as URLSearchParams).toString()
    return Response.json({ active: false })
  }
  await client.tokenIntrospection(recording, token)
  const { won } = await fifty(() =>
    fetch(`${house.issuer}/oidc/introspect`, { method: 'POST', body: new URLSearchParams(body) }),
  )
  expect(won.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(won.filter(({ status }) => status === 401)).toHaveLength(49)
})

test('none of it waits for a write that is about something else', async () => {
  const done = new AbortController()
  const begun = Promise.withResolvers<void>()
  const other = house.db.write(
    async (tx) => {
      while (!done.signal.aborted) {
        await tx.selectFrom('people').select('person_id').execute()
        begun.resolve()
        await delay(100)
      }
    },
    { lock: ['person:somebody'] },
  )
  await begun.promise
  try {
    const { refresh_token: token = '' } = await (await signIn())()
    const renewed = await client.refreshTokenGrant(configuration, token)
    expect(await introspect(renewed.access_token)).toMatchObject({ active: true })
    await client.tokenRevocation(configuration, renewed.access_token)
  } finally {
    done.abort()
    await other
  }
})
