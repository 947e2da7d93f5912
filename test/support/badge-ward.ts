import { type AuthorityFixture, authorityFixture, otherWorkstation, staff } from './authority.ts'
import type { SoftwarePasskey } from './passkey.ts'
import type { Response, SessionView } from '../../main/authority/protocol/index.ts'

/* A ward whose people add badges to their accounts: for the tests of it. */

export const card = 'WIEGAND|H10301|26|17|54021'
export const chip = 'ISO14443A|RAW|56|04a1b2c3d4e5f6'
export const hours = 3_600_000
export const startAt = Date.UTC(2026, 0, 5, 7)

export let f: AuthorityFixture
export let mariaKey: SoftwarePasskey
export let tomKey: SoftwarePasskey
export let maria: SessionView
export let tom: SessionView
export async function ward(options: Parameters<typeof authorityFixture>[0] = {}) {
  f = await authorityFixture({
    startAt,
    people: [
      staff('maria', { badges: ['badge-maria', 'badge-shared'] }),
      staff('tom', { role: 'physician', badges: ['badge-tom', 'badge-shared'] }),
      staff('rosa', { roster: [{ from: startAt, to: startAt + 3 * hours }] }),
    ],
    ...options,
  })
  mariaKey = await f.enrol('maria')
  tomKey = await f.enrol('tom')
  maria = await f.signIn('maria', mariaKey)
  tom = await f.signIn('tom', tomKey, otherWorkstation)
}

export const begin = (
  badge: string,
  { sessionId } = maria,
  caller = f.here,
  refusedAtEnrolment: 'random' | 'pupi' | 'anticollision' | null = null,
) => f.call('badge.begin', { sessionId, tapId: 'tap-1', badge, refusedAtEnrolment }, caller)
export const begun = async (badge: string) => {
  const answer = await begin(badge)
  if (answer.outcome !== 'tap-again') throw new Error(answer.reason)
  return answer.enrolmentId
}
export const confirm = (enrolmentId: string, badge: string, tapId = 'tap-2', caller = f.here) =>
  f.call('badge.confirm', { enrolmentId, tapId, badge }, caller)
export const own = { name: 'My card', kind: 'permanent', replaces: null, sameCard: null } as const
export const assign = async (
  enrolmentId: string,
  change: Partial<typeof own> = {},
  key = mariaKey,
) => {
  const proof = await f.proveForBadge(maria, key)
  return f.call('badge.assign', { enrolmentId, ...own, ...change, ...proof })
}
export const added = (answer: Response<'badge.assign'>) => {
  if (answer.outcome !== 'assigned') throw new Error(answer.reason)
  return answer.badge
}
export let taps = 0
export const identify = async (badge: string, caller = f.here) => {
  const tapId = `tap-of-${(taps += 1)}`
  const params = { tapId, badge, reader: 'test', purpose: 'sign-in' } as const
  const answer = await f.call('tap.identify', params, caller)
  return answer.outcome === 'identified' ? answer.person.personId : null
}
export const cardsOf = async ({ sessionId }: SessionView, caller = f.here) =>
  (await f.call('badges.list', { sessionId }, caller)).badges
export const noticesOf = async (caller: typeof f.here) => {
  const { sessions } = await f.call('agent.hello', { protocol: 1, afterSeq: 0 }, caller)
  return sessions.flatMap(({ notices }) => notices).filter(({ kind }) => kind !== 'passkey-added')
}
