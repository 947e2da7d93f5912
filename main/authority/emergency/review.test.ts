import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AuthorityFixture, authorityFixture, staff } from '../../../test/support/authority.ts'
import type { SoftwarePasskey } from '../../../test/support/passkey.ts'
import type { Role, SessionView } from '../protocol/index.ts'

const note = 'Seen together with the ward'

const roles: readonly (readonly [string, Role])[] = [
  ['tom', 'physician'],
  ['maria', 'nurse'],
  ['ida', 'charge-nurse'],
  ['paul', 'privacy-officer'],
  ['ken', 'it-engineer'],
]
let f: AuthorityFixture
const keys = new Map<string, SoftwarePasskey>()
const sessions = new Map<string, SessionView>()
beforeEach(async () => {
  f = await authorityFixture({ people: roles.map(([id, role]) => staff(id, { role })) })
  for (const [id] of roles) {
    const key = await f.enrol(id)
    keys.set(id, key)
    sessions.set(id, await f.signIn(id, key))
  }
})
afterEach(() => f.dispose())

const keyOf = (person: string) => keys.get(person) ?? expect.fail(person)
const sessionOf = (person: string) => (sessions.get(person) ?? expect.fail(person)).sessionId
const list = async (person: string) => {
  const answer = await f.call('review.list', { sessionId: sessionOf(person) })
  return answer.outcome === 'listed' ? answer.cases : answer.outcome
}
const decide = async (person: string, caseId: string) => {
  const sessionId = sessionOf(person)
  const { outcome } = await f.call('review.decide', {
    sessionId,
    caseId,
    verdict: 'genuine',
    note,
  })
  return outcome
}
async function breakGlass(person: string): Promise<string> {
  const ceremony = await f.call('passkey.challenge', { purpose: 'override', personId: null })
  const answer = await f.call('override.start', {
    sessionId: sessionOf(person),
    patient: 'P-9',
    reason: 'transfer',
    note,
    ceremonyId: ceremony.ceremonyId,
    response: keyOf(person).assert(ceremony.options),
  })
  if (answer.outcome !== 'granted') throw new Error(answer.outcome)
  return answer.override.overrideId
}
async function vouch(actor: string, witness: string): Promise<string> {
  const { tapId } = await f.tap(actor)
  const request = await f.call('fallback.request', { tapId, reason: 'key-lost', note })
  if (request.outcome !== 'requested') throw new Error(request.reason)
  const { ceremony } = await f.tap(witness, { purpose: 'witness' })
  const answer = await f.call('fallback.approve', {
    requestId: request.requestId,
    ceremonyId: ceremony.ceremonyId,
    response: keyOf(witness).assert(ceremony.options),
  })
  if (answer.outcome !== 'signed-in') throw new Error(answer.outcome)
  return answer.session.sessionId
}

test.each(['ida', 'paul'])('%s, charge nurse or privacy officer, may review', async (person) => {
  const caseId = await breakGlass('tom')
  expect(await list(person)).toMatchObject([{ caseId, actor: 'Tom Example', verdict: null }])
  expect(await decide(person, caseId)).toBe('decided')
  expect(f.eventsOf('review.listed')).toMatchObject([{ actor: person, outcome: 0 }])
  expect(f.eventsOf('review.decided')).toMatchObject([{ actor: person, outcome: 0 }])
})

test.each(['tom', 'maria', 'ken'])('%s may not, and that is recorded, too', async (person) => {
  const caseId = await breakGlass('tom')
  expect(await list(person)).toBe('not-a-reviewer')
  expect(await decide(person, caseId)).toBe('not-a-reviewer')
  expect(f.eventsOf('review.listed')).toMatchObject([{ actor: person, outcome: 4 }])
  expect(f.eventsOf('review.decided')).toMatchObject([{ actor: person, outcome: 4 }])
})

test('a case shows who, where, why, how long and when it is due', async () => {
  const caseId = await breakGlass('tom')
  const startedAt = f.now()
  f.advance(60_000)
  await f.call('override.end', { sessionId: sessionOf('tom'), overrideId: caseId })
  expect(await list('paul')).toEqual([
    {
      caseId,
      kind: 'override',
      actor: 'Tom Example',
      witness: null,
      workstation: 'Ward 3',
      patient: 'P-9',
      reason: 'transfer',
      note,
      startedAt,
      endedAt: startedAt + 60_000,
      dueAt: startedAt + 24 * 3_600_000,
      escalatesAt: startedAt + 72 * 3_600_000,
      verdict: null,
      reviewer: null,
    },
  ])
})

test('neither actor nor witness judges the case; whoever had no part does, once', async () => {
  const own = await breakGlass('ida')
  f.advance(1)
  const witnessed = await vouch('maria', 'ida')
  expect(await decide('ida', own)).toBe('own-case')
  expect(await decide('ida', witnessed)).toBe('own-case')
  expect(await decide('paul', witnessed)).toBe('decided')
  expect(await decide('paul', witnessed)).toBe('already-decided')
  expect(await list('paul')).toMatchObject([
    { caseId: own, verdict: null },
    { caseId: witnessed, witness: 'Ida Example', verdict: 'genuine', reviewer: 'Paul Example' },
  ])
})

test('of two verdicts at once one counts', async () => {
  const caseId = await breakGlass('tom')
  const outcomes = await Promise.all([decide('ida', caseId), decide('paul', caseId)])
  expect(outcomes.toSorted()).toEqual(['already-decided', 'decided'])
})

test('an unknown case is not found', async () => {
  await expect(decide('paul', 'invented')).rejects.toThrow('not-found')
})
