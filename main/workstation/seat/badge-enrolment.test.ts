import { describe, expect, test } from 'vitest'
import { heldTaps } from './held-taps.ts'
import { aBadge, aCeremony, aCredential, anIdentity, aSession } from './testing/builders.ts'
import { SeatDesk } from './testing/seat-desk.ts'

const mira = 'session-mira'
const wish = { name: 'Blue card', kind: 'permanent', replaces: null } as const
const refusedProof = { outcome: 'refused', reason: 'not-verified' } as const

const signedIn = (overrides = {}) => new SeatDesk(overrides).online().signIn('mira')

const adding = (sameCard: string | null = null) => {
  const seat = signedIn().call('badges.add', { sameCard })
  return seat.answer('badges.list', { badges: [aBadge('c1'), aBadge('c2', { kind: 'loaner' })] })
}
const begun = (seat: SeatDesk) =>
  seat.answer('badge.begin', {
    outcome: 'tap-again',
    enrolmentId: 'e1',
    expiresAt: seat.now + 60_000,
  })
const agreed = (seat = adding(), loanerOnly = false) =>
  begun(seat.tap('new')).tap('new').answer('badge.confirm', { outcome: 'agreed', loanerOnly })
const proving = (seat = agreed()) =>
  seat.call('badges.assign', wish).answer('passkey.challenge', aCeremony('c9', seat.now))
const refusedHere = (overrides = {}) =>
  signedIn(overrides).tap('new').answer('tap.identify', { outcome: 'refused' })

const failed = (failure: string) => ({
  name: 'active',
  panel: { name: 'badge-enrolment', enrolment: { step: 'failed', failure } },
})

describe('adding a badge', () => {
  test('two taps, a name, a passkey: the badge is assigned, then seen among the others', () => {
    const seat = adding()
    expect(seat.screen).toMatchObject({ panel: { enrolment: { step: 'first-tap' } } })
    seat.tap('new')
    expect(seat.effects).toEqual([
      {
        type: 'ask-badge',
        request: expect.any(Number),
        call: 'badge.begin',
        held: 'tap-2',
        params: { sessionId: mira, tapId: 'tap-2' },
      },
    ])
    expect(seat.screen).toMatchObject({ panel: { enrolment: { step: 'checking' } } })
    begun(seat)
    expect(seat.effects).toEqual([{ type: 'feedback', reader: 'r1', signal: 'accepted' }])
    expect(seat.screen).toMatchObject({
      panel: { enrolment: { step: 'second-tap', until: seat.now + 60_000 } },
    })
    seat.tap('new')
    expect(seat.effects).toMatchObject([
      { call: 'badge.confirm', held: 'tap-3', params: { enrolmentId: 'e1', tapId: 'tap-3' } },
    ])
    seat.answer('badge.confirm', { outcome: 'agreed', loanerOnly: false })
    expect(seat.screen).toMatchObject({
      panel: {
        enrolment: {
          step: 'form',
          sameCard: null,
          replaceable: [{ cardId: 'c1' }, { cardId: 'c2' }],
        },
      },
    })
    seat.call('badges.assign', { ...wish, replaces: 'c1' })
    expect(seat.effects).toMatchObject([
      { call: 'passkey.challenge', params: { purpose: 'badge', personId: 'person-mira' } },
    ])
    seat.answer('passkey.challenge', aCeremony('c9', seat.now)).assert()
    expect(seat.effects).toMatchObject([
      {
        call: 'badge.assign',
        params: { enrolmentId: 'e1', ...wish, replaces: 'c1', sameCard: null, ceremonyId: 'c9' },
      },
    ])
    expect(seat.call('seat.back', {}).refusal).toBe('not-now')
    seat.answer('badge.assign', {
      outcome: 'assigned',
      badge: aBadge('c3', { endsAt: seat.now + 9 }),
    })
    expect(seat.screen).toMatchObject({
      panel: { enrolment: { step: 'done', kind: 'permanent', endsAt: seat.now + 9 } },
    })
    expect(seat.visible).toBeNull()
    seat.call('seat.back', {})
    expect(seat.screen).toMatchObject({ panel: { name: 'badges', badges: null } })
  })

  test.each(['unfit', 'taken', 'yours', 'emergency'] as const)(
    'a first tap refused as %s says so, on the screen and at the reader',
    (reason) => {
      const seat = adding().tap('new').answer('badge.begin', { outcome: 'refused', reason })
      expect(seat.screen).toMatchObject(failed(reason))
      expect(seat.effects).toEqual([{ type: 'feedback', reader: 'r1', signal: 'refused' }])
    },
  )

  test.each(['differs', 'expired'] as const)('a second tap refused as %s says so', (reason) => {
    const seat = begun(adding().tap('new')).tap('other')
    seat.answer('badge.confirm', { outcome: 'refused', reason })
    expect(seat.screen).toMatchObject(failed(reason))
  })

  test.each(['expired', 'taken', 'loaner-only', 'not-found'] as const)(
    'an assignment refused as %s says so',
    (reason) => {
      const seat = proving().assert().answer('badge.assign', { outcome: 'not-assigned', reason })
      expect(seat.screen).toMatchObject(failed(reason))
    },
  )

  test.each([
    ['unreachable', 'offline'],
    ['timeout', 'offline'],
    ['internal', 'offline'],
    ['log-unavailable', 'log-unavailable'],
  ] as const)('a tap that nobody answered (%s) shows %s', (code, failure) => {
    expect(adding().tap('new').fail(code).screen).toMatchObject(failed(failure))
    expect(begun(adding().tap('new')).tap('new').fail(code).screen).toMatchObject(failed(failure))
  })

  test.each([
    ['refused', (seat: SeatDesk) => seat.assert().answer('badge.assign', refusedProof)],
    ['offline', (seat: SeatDesk) => seat.assert().fail('unreachable')],
    [
      'cancelled',
      (seat: SeatDesk) =>
        seat.call('passkey.fail', { ceremonyId: seat.ceremonyId(), reason: 'cancelled' }),
    ],
  ] as const)('a proof that failed (%s) can be tried again; the two taps stand', (_why, fail) => {
    const seat = fail(proving())
    expect(seat.screen).toMatchObject({ panel: { enrolment: { proof: { step: 'failed' } } } })
    seat.call('signIn.retry', {}).answer('passkey.challenge', aCeremony('c10', seat.now)).assert()
    expect(seat.effects).toMatchObject([
      { call: 'badge.assign', params: { enrolmentId: 'e1', name: 'Blue card', ceremonyId: 'c10' } },
    ])
  })

  test('leaving the ceremony leads back to the form', () => {
    const seat = proving().call('signIn.cancel', {})
    expect(seat.screen).toMatchObject({ panel: { enrolment: { step: 'form' } } })
  })

  test.each([
    ['a first tap', () => adding(), 300_000, 'expired'],
    ['a second tap', () => begun(adding().tap('new')), 60_000, 'expired'],
    ['an answer', () => adding().tap('new'), 10_000, 'offline'],
  ] as const)('%s is not waited for without end', (_what, at, ms, failure) => {
    const seat = at()
    // Somebody works at the seat, so that its own countdown does not come first.
    for (let left = ms - 1; left > 0; left -= 100_000)
      seat.wait(Math.min(left, 100_000)).send({ type: 'activity' })
    expect(seat.screen).not.toMatchObject(failed(failure))
    expect(seat.wait(1).screen).toMatchObject(failed(failure))
  })

  test('a form that nobody sends ends with the taps behind it', () => {
    const seat = agreed().wait(200_000).send({ type: 'activity' }).wait(100_000)
    expect(seat.screen).toMatchObject(failed('expired'))
  })

  test('a badge of the stock of loaners costs no passkey before it is refused for good', () => {
    const seat = agreed(adding(), true).call('badges.assign', wish)
    expect(seat.screen).toMatchObject(failed('loaner-only'))
    expect(seat.pending).toEqual([])
    agreed(adding(), true)
      .call('badges.assign', { ...wish, kind: 'loaner' })
      .drop('passkey.challenge')
  })

  test('only a card of one’s own is replaced', () => {
    const seat = agreed().call('badges.assign', { ...wish, replaces: 'c9' })
    expect(seat.refusal).toBe('not-now')
    expect(seat.pending).toEqual([])
  })

  test('the next tap of the new badge asks its owner "Lock now?"', () => {
    const seat = proving().assert()
    seat.answer('badge.assign', { outcome: 'assigned', badge: aBadge('c3') })
    seat.call('seat.back', {}).call('seat.back', {}).wait(4_000).tap('new')
    expect(seat.screen).toMatchObject({ name: 'active', banner: { code: 'lock-now' } })
  })

  test('whoever was only vouched for adds no badge, and taps for nothing', () => {
    const seat = new SeatDesk().online().signIn('mira', { kind: 'fallback' })
    expect(seat.call('badges.add', { sameCard: null }).screen).toMatchObject(failed('emergency'))
    expect(seat.pending).toEqual([])
  })
})

describe('the second chip of a card', () => {
  test('takes name and kind of that card, whatever the page sent', () => {
    const seat = agreed(adding('c2'))
    expect(seat.screen).toMatchObject({ panel: { enrolment: { sameCard: 'c2' } } })
    seat.call('badges.assign', { ...wish, replaces: 'c1' })
    seat.answer('passkey.challenge', aCeremony('c9', seat.now)).assert()
    expect(seat.effects).toMatchObject([
      { params: { name: 'c2 card', kind: 'loaner', replaces: null, sameCard: 'c2' } },
    ])
  })

  test('of a card that is not one’s own is refused before anything is assigned', () => {
    expect(adding('c9').screen).toMatchObject(failed('not-found'))
    const seat = signedIn().call('badges.open', {}).answer('badges.list', { badges: [] })
    seat.call('badges.add', { sameCard: 'c9' })
    expect(seat.screen).toMatchObject(failed('not-found'))
  })

  test('once more after a failure is about the same card', () => {
    const seat = adding('c2')
      .tap('new')
      .answer('badge.begin', { outcome: 'refused', reason: 'unfit' })
    seat.call('badges.add', { sameCard: null }).answer('badges.list', { badges: [aBadge('c2')] })
    expect(agreed(seat).screen).toMatchObject({ panel: { enrolment: { sameCard: 'c2' } } })
  })

  test('a list that does not come says so; without a second chip the form just offers less', () => {
    const chip = signedIn().call('badges.add', { sameCard: 'c2' }).fail('unreachable')
    expect(chip.screen).toMatchObject(failed('offline'))
    const seat = signedIn().call('badges.add', { sameCard: null }).fail('unreachable')
    expect(agreed(seat).screen).toMatchObject({ panel: { enrolment: { replaceable: [] } } })
  })
})

describe('taps while a badge is added', () => {
  test('are taken within the time that ignores the same badge, and while the reader cools down', () => {
    const seat = signedIn()
    for (let n = 0; n < 5; n += 1) seat.tap(`?${n}`).answer('tap.identify', { outcome: 'refused' })
    seat.tap('?9')
    expect(seat.pending).toEqual([])
    seat.call('badges.add', { sameCard: null })
    // The refused tap before the last one is not the first of these two: another badge came after.
    expect(seat.screen).toMatchObject({ panel: { enrolment: { step: 'first-tap' } } })
    seat.drop('badges.list')
    expect(agreed(seat).screen).toMatchObject({ panel: { enrolment: { step: 'form' } } })
  })

  test('a colleague’s badge is only a badge that is taken: nobody is switched', () => {
    const seat = signedIn().wait(4_000).signIn('otto').wait(4_000).tap('mira')
    seat.answer('tap.identify', anIdentity('mira', seat.now)).assert()
    seat.answer('session.start', {
      outcome: 'signed-in',
      session: aSession('mira', seat.now),
      movedFrom: null,
    })
    seat.call('badges.add', { sameCard: null }).drop('badges.list').tap('otto')
    expect(seat.effects).toMatchObject([{ type: 'ask-badge', call: 'badge.begin' }])
    seat.answer('badge.begin', { outcome: 'refused', reason: 'taken' })
    expect(seat.screen).toMatchObject(failed('taken'))
    expect(seat.wait(4_000).tap('otto').screen).toMatchObject(failed('taken'))
    expect(seat.pending).toEqual([])
    expect(seat.tap('zoe').screen).toMatchObject({ name: 'identifying' })
  })

  test('the owner’s own badge locks nothing', () => {
    const seat = adding().tap('mira').answer('badge.begin', { outcome: 'refused', reason: 'yours' })
    expect(seat.screen).toMatchObject({ ...failed('yours'), banner: null })
  })

  test('a third tap of the badge spoils nothing', () => {
    const seat = agreed().wait(4_000).tap('new')
    expect(seat.screen).toMatchObject({ panel: { enrolment: { step: 'form' } } })
    expect(seat.effects).toEqual([])
  })

  test('a tap while one is being asked about asks nothing else', () => {
    const seat = adding().tap('new').tap('other')
    expect(seat.effects).toEqual([])
    expect(begun(seat).screen).toMatchObject({ panel: { enrolment: { step: 'second-tap' } } })
  })

  test('two badges at once fail it only while a tap is awaited', () => {
    const two = { type: 'two-badges', reader: 'r1' } as const
    expect(adding().send(two).screen).toMatchObject(failed('two-badges'))
    expect(begun(adding().tap('new')).send(two).screen).toMatchObject(failed('two-badges'))
    expect(agreed().send(two).screen).toMatchObject({
      banner: { code: 'two-badges' },
      panel: { enrolment: { step: 'form' } },
    })
  })

  test('the shield ends it', () => {
    const seat = begun(adding().tap('new')).call('seat.lock', {})
    expect(seat.screen.name).toBe('shielded')
    expect(seat.wait(4_000).tap('new').screen.name).toBe('identifying')
  })
})

describe('the tap that was just refused', () => {
  test('is the first of the two while its banner shows', () => {
    const seat = refusedHere()
    expect(seat.screen).toMatchObject({ banner: { code: 'badge-refused', mayAdd: true } })
    expect(heldTaps(seat.state)).toEqual(['tap-2'])
    seat.call('badges.add', { sameCard: null })
    expect(seat.effects).toMatchObject([
      { call: 'badges.list' },
      { call: 'badge.begin', held: 'tap-2', params: { tapId: 'tap-2' } },
    ])
    expect(seat.screen).toMatchObject({ banner: null, panel: { enrolment: { step: 'checking' } } })
    begun(seat).tap('new')
    expect(seat.effects).toMatchObject([{ call: 'badge.confirm', params: { tapId: 'tap-3' } }])
  })

  test.each([
    ['its banner ends', (seat: SeatDesk) => seat.wait(6_000)],
    ['it is dismissed', (seat: SeatDesk) => seat.call('seat.back', {})],
    ['another badge is tapped', (seat: SeatDesk) => seat.tap('otto')],
    ['the owner taps', (seat: SeatDesk) => seat.wait(4_000).tap('mira')],
    ['two badges are tapped', (seat: SeatDesk) => seat.send({ type: 'two-badges', reader: 'r1' })],
    ['the seat is locked', (seat: SeatDesk) => seat.call('seat.lock', {})],
    ['its owner signs out', (seat: SeatDesk) => seat.call('seat.signOut', {})],
    [
      'it becomes the first of two',
      (seat: SeatDesk) => seat.call('badges.add', { sameCard: null }),
    ],
    [
      'a fault comes up',
      (seat: SeatDesk) => seat.send({ type: 'fault', code: 'store-full', reference: 'x' }),
    ],
    ['the machine is left', (seat: SeatDesk) => seat.send({ type: 'machine.leaving' })],
  ])('is forgotten when %s', (_when, act) => {
    const seat = act(refusedHere())
    expect(heldTaps(seat.state)).not.toContain('tap-2')
  })

  test('is forgotten when a cooling reader reads another badge', () => {
    const seat = refusedHere({ 'tap.unknownLimit': 1 }).tap('other')
    expect(seat.screen).toMatchObject({ banner: { code: 'badge-refused', mayAdd: true } })
    expect(heldTaps(seat.state)).toEqual([])
    seat.call('badges.add', { sameCard: null })
    expect(seat.screen).toMatchObject({ panel: { enrolment: { step: 'first-tap' } } })
  })

  test('is never held at a lock screen or in an emergency session', () => {
    const locked = new SeatDesk().online().tap('new')
    expect(heldTaps(locked.state)).toEqual([])
    const seat = new SeatDesk().online().signIn('mira', { kind: 'fallback' }).tap('new')
    expect(heldTaps(seat.state)).toEqual([])
    seat.answer('tap.identify', { outcome: 'refused' })
    expect(seat.screen).toMatchObject({ banner: { code: 'badge-refused', mayAdd: false } })
    expect(heldTaps(seat.state)).toEqual([])
  })
})

test('an assertion for another ceremony is not taken', () => {
  const seat = proving().call('passkey.assert', { ceremonyId: 'other', response: aCredential })
  expect(seat.refusal).toBe('not-now')
})
