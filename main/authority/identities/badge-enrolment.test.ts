import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type AuthorityFixture,
  authorityFixture,
  otherWorkstation,
  staff,
} from '../../../test/support/authority.ts'
import type { SoftwarePasskey } from '../../../test/support/passkey.ts'
import type { Response, SessionView } from '../protocol/index.ts'

const card = 'WIEGAND|H10301|26|17|54021'
const chip = 'ISO14443A|RAW|56|04a1b2c3d4e5f6'
const hours = 3_600_000
const startAt = Date.UTC(2026, 0, 5, 7)

let f: AuthorityFixture
let mariaKey: SoftwarePasskey
let tomKey: SoftwarePasskey
let maria: SessionView
let tom: SessionView
async function ward(options: Parameters<typeof authorityFixture>[0] = {}) {
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
beforeEach(() => ward())
afterEach(() => f.dispose())

const begin = (
  badge: string,
  { sessionId } = maria,
  caller = f.here,
  refusedAtEnrolment: 'random' | 'pupi' | 'anticollision' | null = null,
) => f.call('badge.begin', { sessionId, tapId: 'tap-1', badge, refusedAtEnrolment }, caller)
const begun = async (badge: string) => {
  const answer = await begin(badge)
  if (answer.outcome !== 'tap-again') throw new Error(answer.reason)
  return answer.enrolmentId
}
const confirm = (enrolmentId: string, badge: string, tapId = 'tap-2', caller = f.here) =>
  f.call('badge.confirm', { enrolmentId, tapId, badge }, caller)
const own = { name: 'My card', kind: 'permanent', replaces: null, sameCard: null } as const
const assign = async (enrolmentId: string, change: Partial<typeof own> = {}, key = mariaKey) => {
  const proof = await f.proveForBadge(maria, key)
  return f.call('badge.assign', { enrolmentId, ...own, ...change, ...proof })
}
const added = (answer: Response<'badge.assign'>) => {
  if (answer.outcome !== 'assigned') throw new Error(answer.reason)
  return answer.badge
}
let taps = 0
const identify = async (badge: string, caller = f.here) => {
  const tapId = `tap-of-${(taps += 1)}`
  const params = { tapId, badge, reader: 'test', purpose: 'sign-in' } as const
  const answer = await f.call('tap.identify', params, caller)
  return answer.outcome === 'identified' ? answer.person.personId : null
}
const cardsOf = async ({ sessionId }: SessionView, caller = f.here) =>
  (await f.call('badges.list', { sessionId }, caller)).badges
const noticesOf = async (caller: typeof f.here) => {
  const { sessions } = await f.call('agent.hello', { protocol: 1, afterSeq: 0 }, caller)
  return sessions.flatMap(({ notices }) => notices).filter(({ kind }) => kind !== 'passkey-added')
}

describe('two taps and a passkey', () => {
  test('make a badge one’s own, and it identifies its person from then on', async () => {
    expect(await identify(card)).toBe(null)
    const badge = added(await f.addBadge(maria, mariaKey, card, { name: ' Blue card ' }))
    expect(badge).toMatchObject({
      name: 'Blue card',
      kind: 'permanent',
      status: 'active',
      technology: 'WIEGAND H10301',
      endsAt: null,
      assignedAt: f.now(),
      lastSeenWhere: 'Ward 3',
    })
    expect(await identify(card)).toBe('maria')
    expect(f.eventsOf('badge.assigned').at(-1)).toMatchObject({
      outcome: 0,
      actor: 'maria',
      session: maria.sessionId,
      detail: { tag: badge.tag, card: badge.cardId, kind: 'permanent', passkey: mariaKey.id },
    })
    expect(f.eventsOf('badge.listened').map(({ detail }) => detail['tap'])).toEqual([1, 2])
  })

  test('count a second chip as part of its card, with its name and its end', async () => {
    const first = added(await f.addBadge(maria, mariaKey, card, { name: 'Combi' }))
    const options = { sameCard: first.cardId, name: 'Other', kind: 'loaner' } as const
    const second = added(await f.addBadge(maria, mariaKey, chip, options))
    expect(second).toMatchObject({ cardId: first.cardId, name: 'Combi', kind: 'permanent' })
    expect(second.badgeId).not.toBe(first.badgeId)
    await f.call('badge.lost', { sessionId: maria.sessionId, cardId: first.cardId })
    expect([await identify(card), await identify(chip)]).toEqual([null, null])
  })

  test('detach the card that this one replaces, in the same step', async () => {
    const old = added(await f.addBadge(maria, mariaKey, card))
    await f.call('badge.lost', { sessionId: maria.sessionId, cardId: old.cardId })
    added(await f.addBadge(maria, mariaKey, chip, { replaces: old.cardId }))
    expect([await identify(card), await identify(chip)]).toEqual([null, 'maria'])
    expect((await cardsOf(maria)).map(({ cardId }) => cardId)).not.toContain(old.cardId)
    expect(f.eventsOf('badge.detached')).toMatchObject([
      { actor: 'maria', detail: { card: old.cardId, because: 'replaced' } },
    ])
  })
})

describe('a badge that cannot become one’s own', () => {
  test.each([
    ['is random', 'ISO14443A|RAW|32|08a1b2c3', null, 'random'],
    ['is a PUPI', 'ISO14443B|RAW|32|01a1b2c3', null, 'pupi'],
    ['is of a Seos card', chip, 'anticollision', 'anticollision'],
    ['is made of equal bits', 'WIEGAND|RAW|26|0000000', null, 'unreadable'],
    ['is none', 'badge-new', null, 'unreadable'],
  ] as const)('is unfit where it %s', async (_name, badge, told, cause) => {
    expect(await begin(badge, maria, f.here, told)).toEqual({
      outcome: 'refused',
      reason: 'unfit',
    })
    expect(f.records.at(-1)).toMatchObject({
      event: 'badge.enrolment-refused',
      outcome: 4,
      actor: 'maria',
      detail: { reason: 'unfit', cause },
    })
    expect(await f.db.read.selectFrom('badge_enrolments').selectAll().execute()).toEqual([])
  })

  test('is somebody else’s: it stays theirs, and they are told once, not fifty times', async () => {
    const badge = added(await f.addBadge(maria, mariaKey, card))
    for (let tap = 0; tap < 50; tap++)
      expect(await begin(card, tom, otherWorkstation)).toEqual({
        outcome: 'refused',
        reason: 'taken',
      })
    expect(await identify(card)).toBe('maria')
    expect(await noticesOf(f.here)).toMatchObject([{ kind: 'badge-claimed', where: 'Ward 4' }])
    expect(await noticesOf(otherWorkstation)).toEqual([])
    const refused = f.eventsOf('badge.enrolment-refused')
    expect(refused).toHaveLength(50)
    expect(refused[0]).toMatchObject({
      actor: 'tom',
      detail: { tag: badge.tag, reason: 'taken', owner: 'maria', standing: 'active' },
    })
  })

  test('is somebody’s lost one, or their loaner, as long as it is theirs', async () => {
    const lost = added(await f.addBadge(maria, mariaKey, card))
    await f.call('badge.lost', { sessionId: maria.sessionId, cardId: lost.cardId })
    added(await f.addBadge(maria, mariaKey, chip, { kind: 'loaner' }))
    for (const badge of [card, chip])
      expect(await begin(badge, tom, otherWorkstation)).toMatchObject({ reason: 'taken' })
    const kinds = (await noticesOf(f.here)).map(({ kind }) => kind)
    expect(kinds).toEqual(['badge-claimed', 'badge-claimed'])
  })

  test('is quarantined, also for the one who had it first', async () => {
    const { badgeId } = added(await f.addBadge(maria, mariaKey, card))
    await f.db.write((tx) =>
      tx
        .updateTable('badges')
        .set({ status: 'conflicting' })
        .where('badge_id', '=', badgeId)
        .execute(),
    )
    expect(await begin(card)).toMatchObject({ reason: 'taken' })
    expect(await noticesOf(f.here)).toEqual([])
    expect(await begin(card, tom, otherWorkstation)).toMatchObject({ reason: 'taken' })
  })

  test.each(['active', 'lost'] as const)('is one’s own already and %s', async (status) => {
    const badge = added(await f.addBadge(maria, mariaKey, card))
    if (status === 'lost')
      await f.call('badge.lost', { sessionId: maria.sessionId, cardId: badge.cardId })
    expect(await begin(card)).toEqual({ outcome: 'refused', reason: 'yours' })
  })

  test('is asked for in a witnessed session', async () => {
    await f.call('session.end', { sessionId: maria.sessionId, reason: 'sign-out' })
    const { tapId } = await f.tap('maria')
    const asked = await f.call('fallback.request', {
      tapId,
      reason: 'key-broken',
      note: 'Key fell into the sharps bin.',
    })
    if (asked.outcome !== 'requested') throw new Error(asked.reason)
    const { ceremony } = await f.tap('tom', { purpose: 'witness' })
    const answer = await f.call('fallback.approve', {
      requestId: asked.requestId,
      ceremonyId: ceremony.ceremonyId,
      response: tomKey.assert(ceremony.options),
    })
    if (answer.outcome !== 'signed-in') throw new Error(answer.outcome)
    expect(await begin(card, answer.session)).toEqual({ outcome: 'refused', reason: 'emergency' })
    expect(f.records.at(-1)).toMatchObject({ detail: { reason: 'emergency' }, actor: 'maria' })
  })

  test('is asked for in a session that is elsewhere, or over', async () => {
    await expect(begin(card, tom)).rejects.toThrow('not-found')
    await f.call('session.end', { sessionId: maria.sessionId, reason: 'sign-out' })
    await expect(begin(card)).rejects.toThrow('session-ended')
  })
})

describe('the second tap', () => {
  test('is of the same badge, or the enrolment is over', async () => {
    const enrolmentId = await begun(card)
    const differs = { outcome: 'refused', reason: 'differs' }
    expect(await confirm(enrolmentId, chip)).toEqual(differs)
    expect(f.records.at(-1)).toMatchObject({
      event: 'badge.enrolment-refused',
      detail: { reason: 'differs' },
    })
    expect(await confirm(enrolmentId, card)).toMatchObject({ reason: 'expired' })
  })

  test('is another tap; the same one reported again shows nothing', async () => {
    const enrolmentId = await begun(card)
    await expect(confirm(enrolmentId, card, 'tap-1')).rejects.toThrow('conflict')
    expect(await assign(enrolmentId)).toMatchObject({ outcome: 'not-assigned', reason: 'expired' })
    expect(await confirm(enrolmentId, card)).toMatchObject({ outcome: 'agreed' })
  })

  test('comes in time', async () => {
    const answer = await begin(card)
    if (answer.outcome !== 'tap-again') throw new Error(answer.reason)
    f.advance(answer.expiresAt - f.now())
    expect(await confirm(answer.enrolmentId, card)).toMatchObject({ reason: 'expired' })
  })

  test('comes at the same workstation, in the same session, once', async () => {
    const enrolmentId = await begun(card)
    expect(await confirm(enrolmentId, card, 'tap-2', otherWorkstation)).toMatchObject({
      reason: 'expired',
    })
    expect(await confirm(enrolmentId, card)).toEqual({ outcome: 'agreed', loanerOnly: false })
    expect(await confirm(enrolmentId, card, 'tap-3')).toMatchObject({ reason: 'expired' })
    expect(await confirm('no-such-enrolment', card)).toMatchObject({ reason: 'expired' })
    const second = await begun(chip)
    await f.call('session.end', { sessionId: maria.sessionId, reason: 'sign-out' })
    expect(await confirm(second, chip)).toMatchObject({ reason: 'expired' })
  })

  test('is of what was begun last', async () => {
    const first = await begun(card)
    const second = await begun(card)
    expect(await confirm(first, card)).toMatchObject({ reason: 'expired' })
    expect(await confirm(second, card)).toMatchObject({ outcome: 'agreed' })
  })
})

describe('the passkey', () => {
  test('is the person’s own; a failed one leaves the two taps good', async () => {
    const enrolmentId = await f.tapTwice(maria, card)
    expect(await assign(enrolmentId, {}, tomKey)).toEqual({
      outcome: 'refused',
      reason: 'wrong-person',
    })
    const { ceremonyId, options } = await f.call('passkey.challenge', {
      purpose: 'badge',
      personId: maria.person.personId,
    })
    const response = mariaKey.assert(options, { userVerified: false })
    expect(
      await f.call('badge.assign', { enrolmentId, ...own, ceremonyId, response }),
    ).toMatchObject({ outcome: 'refused', reason: 'not-verified' })
    expect(f.records.at(-1)).toMatchObject({
      event: 'badge.enrolment-refused',
      detail: { reason: 'not-verified' },
    })
    expect(await identify(card)).toBe(null)
    expect((await assign(enrolmentId)).outcome).toBe('assigned')
  })

  test('of a usernameless challenge must be that of the enrolment’s person, too', async () => {
    const enrolmentId = await f.tapTwice(maria, card)
    const { ceremonyId, options } = await f.call('passkey.challenge', {
      purpose: 'badge',
      personId: null,
    })
    const params = { enrolmentId, ...own, ceremonyId, response: tomKey.assert(options) }
    expect(await f.call('badge.assign', params)).toMatchObject({ reason: 'wrong-person' })
    expect(await identify(card)).toBe(null)
  })

  test('answers a challenge of this purpose, here, once', async () => {
    const enrolmentId = await f.tapTwice(maria, card)
    const { ceremony } = await f.tap('maria')
    const { ceremonyId } = ceremony
    const params = { enrolmentId, ...own, ceremonyId, response: mariaKey.assert(ceremony.options) }
    expect(await f.call('badge.assign', params)).toMatchObject({ reason: 'expired' })
    const elsewhere = await f.proveForBadge(maria, mariaKey, otherWorkstation)
    expect(await f.call('badge.assign', { enrolmentId, ...own, ...elsewhere })).toMatchObject({
      outcome: 'refused',
      reason: 'expired',
    })
    const proof = await f.proveForBadge(maria, mariaKey)
    const good = { enrolmentId, ...own, ...proof }
    expect((await f.call('badge.assign', good)).outcome).toBe('assigned')
    expect(await f.call('badge.assign', good)).toMatchObject({ outcome: 'refused' })
  })
})

describe('an enrolment', () => {
  test('is used once, however often it is sent', async () => {
    const enrolmentId = await f.tapTwice(maria, card)
    const proofs = [await f.proveForBadge(maria, mariaKey), await f.proveForBadge(maria, mariaKey)]
    const answers = await Promise.all(
      proofs.map((proof) => f.call('badge.assign', { enrolmentId, ...own, ...proof })),
    )
    // Which comes first is open; the second may find the enrolment used or its proof overtaken.
    expect(answers.filter(({ outcome }) => outcome === 'assigned')).toHaveLength(1)
    expect(await assign(enrolmentId)).toMatchObject({ reason: 'expired' })
    expect(f.eventsOf('badge.assigned').filter(({ session }) => session !== null)).toHaveLength(1)
  })

  test('expires, and ends with its session', async () => {
    const first = await f.tapTwice(maria, card)
    f.advance(5 * 60_000)
    expect(await assign(first)).toMatchObject({ outcome: 'not-assigned', reason: 'expired' })
    const second = await f.tapTwice(maria, card)
    const proof = await f.proveForBadge(maria, mariaKey)
    await f.call('session.end', { sessionId: maria.sessionId, reason: 'sign-out' })
    expect(await f.call('badge.assign', { enrolmentId: second, ...own, ...proof })).toMatchObject({
      outcome: 'not-assigned',
      reason: 'expired',
    })
    expect(await identify(card)).toBe(null)
  })

  test('of another workstation does not exist here', async () => {
    const enrolmentId = await f.tapTwice(tom, card, otherWorkstation)
    const proof = await f.proveForBadge(tom, tomKey)
    expect(await f.call('badge.assign', { enrolmentId, ...own, ...proof })).toMatchObject({
      outcome: 'not-assigned',
      reason: 'expired',
    })
  })

  test('names cards of its own person only', async () => {
    const [of] = await cardsOf(tom, otherWorkstation)
    const theirs = of?.cardId ?? 'none'
    const enrolmentId = await f.tapTwice(maria, card)
    for (const change of [{ replaces: theirs }, { sameCard: theirs }, { sameCard: 'none' }]) {
      const proof = await f.proveForBadge(maria, mariaKey)
      expect(
        await f.call('badge.assign', { enrolmentId, ...own, ...change, ...proof }),
      ).toMatchObject({ outcome: 'not-assigned', reason: 'not-found' })
    }
    expect(await identify('badge-tom')).toBe('tom')
    const proof = await f.proveForBadge(maria, mariaKey)
    const both = { replaces: 'one', sameCard: 'one' }
    await expect(
      f.call('badge.assign', { enrolmentId, ...own, ...both, ...proof }),
    ).rejects.toThrow('bad-request')
    expect((await assign(enrolmentId)).outcome).toBe('assigned')
  })

  test('adds no chip to a card that is lost', async () => {
    const { cardId } = added(await f.addBadge(maria, mariaKey, card))
    await f.call('badge.lost', { sessionId: maria.sessionId, cardId })
    expect(await f.addBadge(maria, mariaKey, chip, { sameCard: cardId })).toMatchObject({
      reason: 'not-found',
    })
  })

  test('changes nothing where the log takes no record', async () => {
    const enrolmentId = await f.tapTwice(maria, card)
    const proof = await f.proveForBadge(maria, mariaKey)
    f.breakLog(new Error('the log is gone'))
    const params = { enrolmentId, ...own, ...proof }
    await expect(f.call('badge.assign', params)).rejects.toThrow('log-unavailable')
    f.breakLog(null)
    expect(await identify(card)).toBe(null)
    expect((await f.call('badge.assign', params)).outcome).toBe('assigned')
  })
})

test.each(['memory', 'file'] as const)(
  'of two people who race for one badge exactly one gets it, and is told of the other (%s)',
  async (store) => {
    await f.dispose()
    await ward({ store })
    const mine = await f.tapTwice(maria, card)
    const theirs = await f.tapTwice(tom, card, otherWorkstation)
    const proofs = [
      await f.proveForBadge(maria, mariaKey),
      await f.proveForBadge(tom, tomKey, otherWorkstation),
    ] as const
    const answers = await Promise.all([
      f.call('badge.assign', { enrolmentId: mine, ...own, ...proofs[0] }),
      f.call('badge.assign', { enrolmentId: theirs, ...own, ...proofs[1] }, otherWorkstation),
    ])
    // Which comes first is open; the second may find the enrolment used or its proof overtaken.
    expect(answers.filter(({ outcome }) => outcome === 'assigned')).toHaveLength(1)
    expect(answers.find(({ outcome }) => outcome === 'not-assigned')).toMatchObject({
      reason: 'taken',
    })
    const winner = answers[0].outcome === 'assigned' ? 'maria' : 'tom'
    expect(await identify(card)).toBe(winner)
    const claimed = await f.db.read
      .selectFrom('notices')
      .selectAll()
      .where('kind', '=', 'badge-claimed')
      .execute()
    expect(claimed).toMatchObject([{ person_id: winner }])
  },
)

describe('a loaner', () => {
  test('ends after its life, and identifies nobody from that moment', async () => {
    const badge = added(await f.addBadge(maria, mariaKey, card, { kind: 'loaner' }))
    expect(badge).toMatchObject({ kind: 'loaner', endsAt: f.now() + f.policy['badge.loanerLife'] })
    f.advance(f.policy['badge.loanerLife'] - 1)
    expect(await identify(card)).toBe('maria')
    f.advance(1)
    expect(await identify(card)).toBe(null)
    expect(f.records.at(-1)).toMatchObject({ event: 'badge.refused', detail: { cause: 'ended' } })
  })

  test('ends with the shift of its bearer, if that is sooner', async () => {
    const rosaKey = await f.enrol('rosa')
    f.advance(hours)
    const rosa = await f.signIn('rosa', rosaKey)
    const badge = added(await f.addBadge(rosa, rosaKey, card, { kind: 'loaner' }))
    expect(badge.endsAt).toBe(startAt + 3 * hours)
  })

  test('is swept once, at its time, while the session that it began goes on', async () => {
    await f.dispose()
    await ward({ policy: { 'badge.loanerLife': hours / 2 } })
    const badge = added(await f.addBadge(maria, mariaKey, card, { kind: 'loaner' }))
    const endsAt = startAt + hours / 2
    expect(await f.authority.tick()).toBe(endsAt)
    expect(f.eventsOf('badge.loaner-ended')).toEqual([])
    f.advance(hours / 2)
    await f.authority.tick()
    await f.authority.tick()
    expect(f.eventsOf('badge.loaner-ended')).toMatchObject([
      { outcome: 0, actor: 'maria', detail: { tag: badge.tag, card: badge.cardId, endsAt } },
    ])
    expect((await cardsOf(maria)).map(({ tag }) => tag)).not.toContain(badge.tag)
  })

  test('asks to be woken at its end', async () => {
    const dues: number[] = []
    f.authority.onDue((at) => dues.push(at))
    const badge = added(await f.addBadge(maria, mariaKey, card, { kind: 'loaner' }))
    expect(dues).toContain(badge.endsAt)
  })

  test('goes to the next person as a loaner, and can only ever be one again', async () => {
    const before = added(await f.addBadge(maria, mariaKey, card, { kind: 'loaner' }))
    await f.call('badge.detach', { sessionId: maria.sessionId, cardId: before.cardId })
    const enrolmentId = await f.tapTwice(tom, card, otherWorkstation)
    const assignTo = async (kind: 'permanent' | 'loaner') => {
      const proof = await f.proveForBadge(tom, tomKey, otherWorkstation)
      const params = { enrolmentId, ...own, kind, ...proof }
      return f.call('badge.assign', params, otherWorkstation)
    }
    expect(await assignTo('permanent')).toEqual({
      outcome: 'not-assigned',
      reason: 'loaner-only',
    })
    const after = added(await assignTo('loaner'))
    expect(after.tag).toBe(before.tag)
    expect([after.badgeId, after.cardId]).not.toContain(before.badgeId)
    expect(after.cardId).not.toBe(before.cardId)
    expect(await identify(card)).toBe('tom')
    expect((await cardsOf(maria)).map(({ tag }) => tag)).not.toContain(before.tag)
  })

  test('says at the second tap that it is one, also after its time', async () => {
    added(await f.addBadge(maria, mariaKey, card, { kind: 'loaner' }))
    f.advance(f.policy['badge.loanerLife'])
    const session = await f.signIn('tom', tomKey)
    const { sessionId } = session
    const params = { sessionId, tapId: 'a', badge: card, refusedAtEnrolment: null }
    const first = await f.call('badge.begin', params)
    if (first.outcome !== 'tap-again') throw new Error(first.reason)
    expect(await confirm(first.enrolmentId, card, 'b')).toEqual({
      outcome: 'agreed',
      loanerOnly: true,
    })
  })

  test('stays with its bearer, however often the directory is loaded', async () => {
    added(await f.addBadge(maria, mariaKey, card, { kind: 'loaner' }))
    await f.restart()
    const session = await f.signIn('maria', mariaKey)
    expect((await cardsOf(session)).map(({ kind }) => kind)).toContain('loaner')
    expect(await identify(card)).toBe('maria')
  })
})

test('a badge that its person gave up does not come back with the directory, nor its next owner lose it', async () => {
  await f.dispose()
  await ward({ people: [staff('maria', { badges: ['badge-maria', card] }), staff('tom')] })
  const cards = await cardsOf(maria)
  const cardId = cards.find(({ technology }) => technology !== '')?.cardId ?? 'none'
  await f.call('badge.detach', { sessionId: maria.sessionId, cardId })
  await f.restart()
  expect(await identify(card)).toBe(null)
  tom = await f.signIn('tom', tomKey, otherWorkstation)
  expect((await f.addBadge(tom, tomKey, card, { caller: otherWorkstation })).outcome).toBe(
    'assigned',
  )
  await f.restart()
  expect(await identify(card)).toBe('tom')
  expect(f.eventsOf('badge.quarantined')).toEqual([])
})
