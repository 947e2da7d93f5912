import { type AuthorityFixture, authorityFixture, otherWorkstation, staff } from './authority.ts'
import type { SoftwarePasskey } from './passkey.ts'
import type { Caller } from '../../main/authority/context.ts'
import type { AuthorityEvent, SessionId, SessionView } from '../../main/authority/protocol/index.ts'

/* Three people, two wards, and a third workstation to go on to: for the tests of roaming. */

export const minutes = 60_000
export const hours = 60 * minutes
export const third = { workstation: { id: 'ws-3', name: 'Ward 5' } } as unknown as Caller

export let f: AuthorityFixture
export let maria: SoftwarePasskey
export async function open(policy: Parameters<typeof authorityFixture>[0] = {}): Promise<void> {
  f = await authorityFixture({
    people: [
      staff('maria'),
      staff('tom', { role: 'physician' }),
      staff('cora', { role: 'charge-nurse' }),
    ],
    ...policy,
  })
  maria = await f.enrol('maria')
}

export const heardAt = (caller: Caller) => {
  const events: AuthorityEvent[] = []
  f.authority.events.subscribe(caller.workstation.id, (event) => events.push(event))
  return events
}
export const start = async (key = maria, caller: Caller = otherWorkstation, person = 'maria') => {
  const { ceremony } = await f.tap(person, { caller })
  const response = key.assert(ceremony.options)
  const answer = await f.call(
    'session.start',
    { ceremonyId: ceremony.ceremonyId, response },
    caller,
  )
  if (answer.outcome !== 'signed-in') throw new Error(answer.reason)
  return answer
}
export const take = async (caller: Caller = otherWorkstation, tapId?: string) =>
  f.call('session.take', { tapId: tapId ?? (await f.tap('maria', { caller })).tapId }, caller)
export const secured = (sessionId: SessionId, caller = f.here) =>
  f.call('session.secured', { sessionId }, caller)
export const live = async () => {
  const rows = await f.db.read
    .selectFrom('sessions')
    .selectAll()
    .where('person_id', '=', 'maria')
    .where('ended_at', 'is', null)
    .execute()
  return rows.map((row) => row.workstation_id)
}
export const handovers = () => f.db.read.selectFrom('handovers').selectAll().execute()
export const noticesOf = async (caller: Caller) => {
  const { sessions } = await f.call('agent.hello', { protocol: 1, afterSeq: 0 }, caller)
  return sessions.flatMap(({ notices }) => notices.map(({ kind }) => kind))
}
export const breakGlass = async (session: SessionView) => {
  const { ceremonyId, options } = await f.call('passkey.challenge', {
    purpose: 'override',
    personId: session.person.personId,
  })
  const answer = await f.call('override.start', {
    sessionId: session.sessionId,
    patient: 'P-9',
    reason: 'emergency-treatment',
    note: 'unconscious in the corridor',
    ceremonyId,
    response: maria.assert(options),
  })
  if (answer.outcome !== 'granted') throw new Error(answer.outcome)
  return answer.override
}
/** Maria cannot prove who she is at a seat; Tom vouches. */
export const vouchedFor = async (caller: Caller, tom: SoftwarePasskey) => {
  const { tapId } = await f.tap('maria', { caller })
  const note = 'left it in the other coat'
  const asked = await f.call('fallback.request', { tapId, reason: 'key-lost', note }, caller)
  if (asked.outcome !== 'requested') throw new Error(asked.reason)
  const { ceremony } = await f.tap('tom', { purpose: 'witness', caller })
  const { requestId } = asked
  const response = tom.assert(ceremony.options)
  const params = { requestId, ceremonyId: ceremony.ceremonyId, response }
  const answer = await f.call('fallback.approve', params, caller)
  if (answer.outcome !== 'signed-in') throw new Error(answer.outcome)
  return answer
}
