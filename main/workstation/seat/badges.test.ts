import { describe, expect, test } from 'vitest'
import { ownCards } from './own-cards.ts'
import { aBadge, aCeremony, aNotice, aSession, start } from './testing/builders.ts'
import { SeatDesk } from './testing/seat-desk.ts'

const mira = 'session-mira'
const { sessionId } = aSession('mira', 0)
const lost = aBadge('c1', { status: 'lost' })
const opened = (badges = [aBadge('c1'), aBadge('c2')]) =>
  new SeatDesk().online().signIn('mira').call('badges.open', {}).answer('badges.list', { badges })

describe('one’s own badges', () => {
  test('chips of one card are one entry; times are those of the wall clock here', () => {
    const chips = [
      aBadge('c1', { technology: 'WIEGAND H10301', lastSeenAt: 5, lastSeenWhere: 'Bay 1' }),
      aBadge('c2', { kind: 'loaner', endsAt: 90 }),
      aBadge('c1', { technology: 'MIFARE UID', lastSeenAt: 7, lastSeenWhere: 'Bay 2' }),
    ]
    expect(ownCards(chips, 100)).toEqual([
      {
        cardId: 'c1',
        name: 'c1 card',
        kind: 'permanent',
        status: 'active',
        technologies: ['WIEGAND H10301', 'MIFARE UID'],
        assignedAt: start + 100,
        endsAt: null,
        lastSeenAt: 107,
        lastSeenWhere: 'Bay 2',
      },
      expect.objectContaining({ cardId: 'c2', kind: 'loaner', endsAt: 190, lastSeenAt: null }),
    ])
  })

  test.each([
    [['active', 'lost'], 'lost'],
    [['lost', 'conflicting'], 'conflicting'],
    [['active', 'active'], 'active'],
  ] as const)('a card whose chips are %j is %s', (chips, status) => {
    expect(
      ownCards(
        chips.map((one) => aBadge('c1', { status: one })),
        0,
      ),
    ).toMatchObject([{ status }])
  })

  test.each([
    ['badges.lost', 'badge.lost'],
    ['badges.detach', 'badge.detach'],
  ] as const)('%s tells the authority and reads the list again', (name, call) => {
    const seat = opened().call(name, { cardId: 'c1' })
    expect(seat.effects).toMatchObject([{ call, params: { sessionId: mira, cardId: 'c1' } }])
    seat.answer(call, {})
    expect(seat.effects).toMatchObject([{ call: 'badges.list' }])
    seat.answer('badges.list', { badges: [] })
    expect(seat.screen).toMatchObject({ panel: { name: 'badges', badges: [] } })
    // It may have been the badge that the owner came with: it is looked up at its next tap.
    seat.call('seat.back', {}).wait(4_000).tap('mira')
    expect(seat.screen.name).toBe('identifying')
  })

  test.each([
    ['badges.lost', 'c9'],
    ['badges.detach', 'c9'],
    ['badges.found', 'c9'],
    ['badges.found', 'c2'],
    ['badges.lost', 'c1'],
  ] as const)('%s of %s does not fit what is listed', (name, cardId) => {
    const seat = opened([lost, aBadge('c2')]).call(name, { cardId })
    expect(seat.refusal).toBe('not-now')
    expect(seat.pending).toEqual([])
  })

  test('a lost card is found again with a passkey only', () => {
    const seat = opened([lost]).call('badges.found', { cardId: 'c1' })
    expect(seat.effects).toMatchObject([
      { call: 'passkey.challenge', params: { purpose: 'badge', personId: 'person-mira' } },
    ])
    expect(seat.screen).toMatchObject({ panel: { proof: { step: 'preparing' } } })
    seat.answer('passkey.challenge', aCeremony('c9', seat.now)).assert()
    expect(seat.effects).toMatchObject([
      { call: 'badge.found', params: { sessionId: mira, cardId: 'c1', ceremonyId: 'c9' } },
    ])
    expect(seat.call('seat.back', {}).refusal).toBe('not-now')
    expect(seat.call('badges.open', {}).refusal).toBe('not-now')
    seat.answer('badge.found', { outcome: 'found' })
    expect(seat.effects).toMatchObject([{ call: 'badges.list' }])
    expect(seat.screen).toMatchObject({ panel: { proof: null } })
  })

  test('a proof that failed is tried again, or left', () => {
    const seat = opened([lost]).call('badges.found', { cardId: 'c1' })
    seat.answer('passkey.challenge', aCeremony('c9', seat.now)).assert()
    seat.answer('badge.found', { outcome: 'refused', reason: 'wrong-person' })
    expect(seat.screen).toMatchObject({
      panel: { proof: { step: 'failed', failure: 'wrong-person' } },
    })
    seat.call('signIn.retry', {}).answer('passkey.challenge', aCeremony('c10', seat.now))
    expect(seat.screen).toMatchObject({ panel: { proof: { step: 'waiting' } } })
    seat.call('passkey.fail', { ceremonyId: 'c10', reason: 'cancelled' }).call('signIn.cancel', {})
    expect(seat.screen).toMatchObject({ panel: { name: 'badges', proof: null } })
  })

  test('a ceremony that nobody answers times out, then the list is back', () => {
    const seat = opened([lost]).call('badges.found', { cardId: 'c1' })
    seat.answer('passkey.challenge', aCeremony('c9', seat.now)).wait(60_000)
    expect(seat.screen).toMatchObject({ panel: { proof: { failure: 'timed-out' } } })
    expect(seat.wait(60_000).screen).toMatchObject({ panel: { name: 'badges', proof: null } })
  })

  test('a card that is not lost any more: the list says what it is', () => {
    const seat = opened([lost]).call('badges.found', { cardId: 'c1' })
    seat.answer('passkey.challenge', aCeremony('c9', seat.now)).assert()
    seat.answer('badge.found', { outcome: 'not-lost' })
    expect(seat.effects).toMatchObject([{ call: 'badges.list' }])
  })

  test.each([
    ['unreachable', 'offline'],
    ['log-unavailable', 'log-unavailable'],
    ['internal', 'offline'],
  ] as const)('a list that fails as %s shows %s, and can be asked for again', (code, failure) => {
    const seat = new SeatDesk().online().signIn('mira').call('badges.open', {}).fail(code)
    expect(seat.screen).toMatchObject({ panel: { badges: null, failure } })
    seat.call('badges.open', {})
    expect(seat.screen).toMatchObject({ panel: { badges: null, failure: null } })
  })

  test('the end of an override is at hand beside an open panel', () => {
    const override = {
      overrideId: 'o1',
      patient: 'P-1',
      purposeOfUse: 'BTG',
      startedAt: start,
      endsAt: start + 900_000,
      witness: null,
    } as const
    const seat = new SeatDesk().online().signIn('mira', { override }).call('badges.open', {})
    seat.call('override.end', {})
    expect(seat.told('override.end')).toEqual([{ sessionId: mira, overrideId: 'o1' }])
  })
})

describe('news about one’s own badges', () => {
  const informed = () =>
    new SeatDesk().online().signIn('mira', { notices: [aNotice('n1'), aNotice('n2')] })
  const changed = (seat: SeatDesk, notices: readonly string[]) =>
    seat.send({
      type: 'authority.event',
      event: {
        seq: 1,
        type: 'session.changed',
        session: aSession('mira', start, { notices: notices.map((id) => aNotice(id)) }),
      },
    })

  test('fill the banner while nothing else does, and come back after it', () => {
    const seat = informed()
    expect(seat.screen).toMatchObject({
      banner: { code: 'notice' },
      session: { notices: [{ noticeId: 'n1', where: 'Bay 3' }, { noticeId: 'n2' }] },
    })
    seat.send({ type: 'two-badges', reader: 'r1' })
    expect(seat.screen).toMatchObject({ banner: { code: 'two-badges' } })
    expect(seat.wait(6_000).screen).toMatchObject({ banner: { code: 'notice' } })
  })

  test('never push away "Lock now?"', () => {
    const seat = new SeatDesk().online().signIn('mira').wait(4_000).tap('mira')
    changed(seat, ['n1'])
    expect(seat.screen).toMatchObject({ banner: { code: 'lock-now' } })
    expect(seat.call('seat.stay', {}).screen).toMatchObject({ banner: { code: 'notice' } })
  })

  test('are no activity, and give way to the owner’s name until the owner is back', () => {
    const seat = new SeatDesk().online().signIn('mira').wait(59_000)
    changed(seat, ['n1'])
    expect(seat.screen).toMatchObject({ banner: { code: 'notice' } })
    expect(seat.wait(1_000).screen).toMatchObject({ banner: { code: 'owner' } })
    seat.send({ type: 'activity' })
    expect(seat.screen).toMatchObject({ banner: { code: 'notice' } })
  })

  test.each(['seen', 'disputed'] as const)(
    'answered as %s one goes at once, and older news do not bring it back',
    (answer) => {
      const seat = informed().call('notice.answer', { noticeId: 'n1', answer })
      expect(seat.told('notice.answer')).toEqual([{ sessionId, noticeId: 'n1', answer }])
      expect(seat.screen).toMatchObject({ session: { notices: [{ noticeId: 'n2' }] } })
      changed(seat, ['n3', 'n1', 'n2'])
      expect(seat.screen).toMatchObject({
        session: { notices: [{ noticeId: 'n3' }, { noticeId: 'n2' }] },
      })
      const again = aSession('mira', seat.now, { notices: [aNotice('n1')] })
      seat.online([again])
      expect(seat.screen).toMatchObject({ banner: null, session: { notices: [] } })
    },
  )

  test('are answered once, by those whom they are for', () => {
    const seat = informed().call('notice.answer', { noticeId: 'n1', answer: 'seen' })
    expect(seat.call('notice.answer', { noticeId: 'n1', answer: 'seen' }).refusal).toBe('not-now')
    seat.wait(4_000).signIn('otto')
    expect(seat.screen).toMatchObject({ session: { notices: [] }, banner: null })
    expect(seat.call('notice.answer', { noticeId: 'n2', answer: 'seen' }).refusal).toBe('not-now')
    expect(seat.effects).toEqual([])
  })

  test('are not answered at a lock screen', () => {
    const seat = informed().call('seat.lock', {})
    expect(seat.call('notice.answer', { noticeId: 'n1', answer: 'seen' }).refusal).toBe('not-now')
  })
})
