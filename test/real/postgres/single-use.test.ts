import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import type { Database } from '../../../main/store/port.ts'
import { openPostgres } from '../../../main/store/postgres/index.ts'
import { authorityFixture, rpId, staff, type AuthorityFixture } from '../../support/authority.ts'
import { createPasskey } from '../../support/passkey.ts'
import { newSchema } from './schema.ts'

/** Two nodes of one house: each has the whole authority and connections of its own. */
let place: ReturnType<typeof newSchema>
let nodes: readonly [AuthorityFixture, AuthorityFixture]

const people = [staff('maria'), staff('tom')]
const open = (): Promise<Database> => openPostgres({ ...place.session, waitTimeout: 30_000 })

async function node(): Promise<AuthorityFixture> {
  const db = await open()
  return authorityFixture({ people, guard: () => ({ db, state: () => 'held' }) })
}

beforeEach(async () => {
  place = newSchema(inject('postgres'))
  nodes = [await node(), await node()]
})
afterEach(async () => {
  await Promise.all(nodes.map((one) => one.dispose()))
  await place.drop()
})

/** Fifty at once, by turns on both nodes: how many succeeded. */
async function fifty(redeem: (node: AuthorityFixture) => Promise<boolean>): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => redeem(nodes[n % 2 === 0 ? 0 : 1])),
  )
  return answers.filter(Boolean).length
}

test('an enrolment code enrols one passkey, however many began with it', async () => {
  const enrolled = await fifty(async (one) => {
    const begun = await one.call('enrolment.begin', { code: 'CODE-MARIA', sessionId: null })
    if (begun.outcome !== 'begun') return false
    const { enrolmentId, options } = begun
    const response = createPasskey({ rpId }).register(options)
    const finished = await one.call('enrolment.finish', { enrolmentId, response, name: 'Key' })
    return finished.outcome === 'enrolled'
  })
  expect(enrolled).toBe(1)
  const keys = await nodes[0].db.read.selectFrom('passkeys').select('passkey_id').execute()
  expect(keys).toHaveLength(1)
})

test('a tap is identified once', async () => {
  const tapId = randomBytes(8).toString('hex')
  const identified = await fifty(async (one) => {
    const params = { tapId, badge: 'badge-maria', reader: 'test', purpose: 'sign-in' } as const
    return (await one.call('tap.identify', params).catch(() => null))?.outcome === 'identified'
  })
  expect(identified).toBe(1)
})

test('the answer to a challenge starts one session', async () => {
  const key = await nodes[0].enrol('maria')
  const { ceremony } = await nodes[1].tap('maria')
  const params = { ceremonyId: ceremony.ceremonyId, response: key.assert(ceremony.options) }
  const started = await fifty(async (one) => {
    const answer = await one.call('session.start', params).catch(() => null)
    return answer?.outcome === 'signed-in'
  })
  expect(started).toBe(1)
  const live = await nodes[0].db.read
    .selectFrom('sessions')
    .select('session_id')
    .where('ended_at', 'is', null)
    .execute()
  expect(live).toHaveLength(1)
})
