import { describe, expect, test } from 'vitest'
import { SeatDesk } from './testing/seat-desk.ts'
import { aCeremony, aCredential, anIdentity, aPerson, aSession } from './testing/builders.ts'
import { nextDeadline } from './deadline.ts'

const desk = (overrides = {}) => new SeatDesk(overrides).online()
const mira = 'session-mira'
const otto = 'session-otto'

describe('signing in', () => {
  test('a tap asks whose badge it is, then for the passkey, then opens the workspace', () => {
    const seat = desk().tap('mira')
    expect(seat.screen).toEqual({ name: 'identifying', outgoing: null, elsewhere: false })
    seat.answer('tap.identify', anIdentity('mira', seat.now))
    expect(seat.screen).toMatchObject({
      name: 'verifying',
      person: { label: 'mira T.' },
      proof: { step: 'waiting', ceremony: { autoStart: true } },
    })
    seat.assert()
    expect(seat.screen).toMatchObject({ name: 'verifying', proof: { step: 'checking' } })
    seat.answer('session.start', {
      outcome: 'signed-in',
      session: aSession('mira', seat.now),
      movedFrom: null,
    })
    expect(seat.screen).toMatchObject({ name: 'opening' })
    expect(seat.effects).toEqual([
      {
        type: 'open-workspace',
        sessionId: mira,
        slot: 0,
        applications: ['ehr', 'imaging'],
      },
    ])
    expect(seat.visible).toBeNull()
    seat.send({ type: 'workspace.opened', sessionId: aSession('mira', 0).sessionId })
    expect(seat.screen).toMatchObject({ name: 'active', session: { aal: 2 }, panel: null })
    expect(seat.visible).toBe(mira)
  })

  test('a badge left at home: usernameless sign-in asks for a challenge for nobody', () => {
    const seat = desk().call('signIn.withoutBadge', {})
    expect(seat.effects).toMatchObject([
      { call: 'passkey.challenge', params: { purpose: 'sign-in', personId: null } },
    ])
    seat.answer('passkey.challenge', aCeremony('c1', seat.now)).assert()
    seat.answer('session.start', {
      outcome: 'signed-in',
      session: aSession('zoe', seat.now),
      movedFrom: null,
    })
    expect(seat.screen).toMatchObject({ name: 'opening', person: { displayName: 'zoe Test' } })
  })

  test.each([
    ['wrong-person', 'wrong-person'],
    ['unknown-passkey', 'refused'],
    ['revoked', 'revoked'],
    ['not-verified', 'not-verified'],
    ['expired', 'timed-out'],
    ['locked-out', 'locked-out'],
    ['invalid', 'refused'],
  ] as const)('a proof refused as %s shows %s and can be tried again', (reason, failure) => {
    const seat = desk().tap('mira')
    seat.answer('tap.identify', anIdentity('mira', seat.now)).assert()
    seat.answer('session.start', { outcome: 'refused', reason })
    expect(seat.screen).toMatchObject({ proof: { step: 'failed', failure } })
    seat.call('signIn.retry', {}).answer('passkey.challenge', aCeremony('c2', seat.now))
    expect(seat.screen).toMatchObject({ proof: { step: 'waiting' } })
  })

  test.each(['cancelled', 'timed-out', 'no-passkey', 'unsupported'] as const)(
    'a ceremony that ended in the page as %s says so',
    (reason) => {
      const seat = desk().tap('mira')
      seat.answer('tap.identify', anIdentity('mira', seat.now))
      seat.call('passkey.fail', { ceremonyId: seat.ceremonyId(), reason })
      expect(seat.screen).toMatchObject({ proof: { step: 'failed', failure: reason } })
      seat.call('signIn.cancel', {})
      expect(seat.screen).toMatchObject({ name: 'locked' })
    },
  )

  test('an assertion for another ceremony is not taken', () => {
    const seat = desk().tap('mira')
    seat.answer('tap.identify', anIdentity('mira', seat.now))
    seat.call('passkey.assert', { ceremonyId: 'another', response: aCredential })
    expect(seat.refusal).toBe('not-now')
    expect(seat.effects).toEqual([])
  })

  test('a challenge that nobody answers times out by itself, then the lock screen returns', () => {
    const seat = desk().tap('mira')
    seat.answer('tap.identify', anIdentity('mira', seat.now)).wait(60_000)
    expect(seat.screen).toMatchObject({ proof: { step: 'failed', failure: 'timed-out' } })
    seat.wait(60_000)
    expect(seat.screen).toMatchObject({ name: 'locked', notice: { code: 'took-too-long' } })
  })

  test('without a passkey the way on is offered instead of a ceremony that must fail', () => {
    const seat = desk().tap('mira')
    seat.answer('tap.identify', anIdentity('mira', seat.now, null, false))
    expect(seat.screen).toMatchObject({ passkey: false, proof: { failure: 'no-passkey' } })
  })

  test('a sign-in that comes too late is ended, not left open', () => {
    const seat = desk().tap('mira')
    seat.answer('tap.identify', anIdentity('mira', seat.now)).assert()
    const [asked] = seat.pending
    seat.call('signIn.cancel', {})
    expect(asked).toMatchObject({ call: 'session.start' })
    seat.answer('session.start', {
      outcome: 'signed-in',
      session: aSession('mira', seat.now),
      movedFrom: null,
    })
    expect(seat.told('session.end')).toEqual([{ sessionId: mira, reason: 'sign-out' }])
    expect(seat.screen.name).toBe('locked')
  })

  test('a seat whose places are taken says so before it asks for a passkey', () => {
    const seat = desk({ 'session.places': 2 }).signIn('mira').wait(4_000).signIn('otto')
    seat.tap('zoe').answer('tap.identify', anIdentity('zoe', seat.now))
    expect(seat.screen).toMatchObject({ name: 'shielded', notice: { code: 'seat-full' } })
  })
})

describe('taps', () => {
  test('the same badge within 3 s is the same tap', () => {
    const seat = desk().signIn('mira').wait(2_000).tap('mira')
    expect(seat.screen).toMatchObject({ name: 'active', banner: null })
    seat.wait(1_000).tap('mira')
    expect(seat.screen).toMatchObject({ name: 'active', banner: { code: 'lock-now' } })
  })

  test('"Lock now?": a second tap locks, no answer goes on', () => {
    const seat = desk().signIn('mira').wait(4_000).tap('mira')
    expect(seat.visible).toBe(mira)
    seat.wait(5_000)
    expect(seat.screen).toMatchObject({ name: 'active', banner: null })
    seat.tap('mira').wait(4_000).tap('mira')
    expect(seat.screen.name).toBe('shielded')
    expect(seat.told('session.shield')).toEqual([{ sessionId: mira, reason: 'lock' }])
  })

  test("someone else's tap covers the work in the same step, before anything is asked", () => {
    const seat = desk().signIn('mira').tap('otto')
    expect(seat.visible).toBeNull()
    expect(seat.screen).toEqual({
      name: 'identifying',
      outgoing: { label: 'mira T.', fate: 'kept' },
      elsewhere: false,
    })
    seat.answer('tap.identify', anIdentity('otto', seat.now))
    expect(seat.told('session.shield')).toEqual([{ sessionId: mira, reason: 'switch' }])
    expect(seat.screen).toMatchObject({
      name: 'verifying',
      person: { label: 'otto T.' },
      outgoing: { label: 'mira T.' },
    })
  })

  test('cancelling a switch leaves the owner behind the shield, not open', () => {
    const seat = desk().signIn('mira').tap('otto').call('signIn.cancel', {})
    expect(seat.screen).toMatchObject({ name: 'shielded', owner: { label: 'mira T.' } })
    seat.wait(4_000).tap('otto').answer('tap.identify', anIdentity('otto', seat.now))
    seat.call('signIn.cancel', {})
    expect(seat.screen).toMatchObject({ name: 'shielded', owner: { label: 'mira T.' } })
  })

  test('there and back: the colleague switches in, the owner taps and is where she was', () => {
    const seat = desk().signIn('mira').wait(4_000).signIn('otto')
    expect(seat.visible).toBe(otto)
    const kept = seat.state.sessions[0]?.view
    seat.wait(4_000).tap('mira')
    expect(seat.visible).toBeNull()
    seat.answer('tap.identify', anIdentity('mira', seat.now, kept ?? null))
    expect(seat.visible).toBeNull()
    const claims = aSession('mira', seat.now, {
      assurance: { aal: 2, amr: ['x'], verifiedAt: seat.now },
      tapGraceUntil: seat.now + 9_000_000,
    })
    seat.answer('session.resume', { outcome: 'signed-in', session: claims, movedFrom: null })
    expect(seat.visible).toBe(mira)
    expect(seat.state.sessions[0]?.view.assurance).toEqual(kept?.assurance)
    expect(seat.state.sessions[0]?.view.tapGraceUntil).toBe(kept?.tapGraceUntil)
  })

  test('a refused badge on an open workspace leaves it open, with one text for all', () => {
    const seat = desk().signIn('mira').tap('?').answer('tap.identify', { outcome: 'refused' })
    expect(seat.screen).toMatchObject({ name: 'active', banner: { code: 'badge-refused' } })
    expect(seat.effects).toContainEqual({ type: 'feedback', reader: 'r1', signal: 'refused' })
  })

  test('too many refused badges rest the reader, and lock no person out', () => {
    const seat = desk().signIn('mira').call('seat.lock', {})
    for (let n = 0; n < 5; n += 1) seat.tap(`?${n}`).answer('tap.identify', { outcome: 'refused' })
    expect(seat.screen).toMatchObject({ notice: { code: 'too-many-badges' } })
    seat.tap('?9')
    expect(seat.pending).toEqual([])
    expect(seat.screen).toMatchObject({ notice: { code: 'too-many-badges' } })
    seat.tap('mira')
    expect(seat.screen.name).toBe('identifying')
    seat.call('signIn.cancel', {}).call('signIn.withoutBadge', {})
    expect(seat.screen.name).toBe('verifying')
    seat.call('signIn.cancel', {}).wait(30_000).tap('?10')
    expect(seat.screen.name).toBe('identifying')
  })

  test('two badges at once are no tap', () => {
    const seat = desk().send({ type: 'two-badges', reader: 'r1' })
    expect(seat.screen).toMatchObject({ name: 'locked', notice: { code: 'two-badges' } })
    expect(seat.told('workstation.report')).toHaveLength(1)
    seat.signIn('mira').send({ type: 'two-badges', reader: 'r1' })
    expect(seat.screen).toMatchObject({ name: 'active', banner: { code: 'two-badges' } })
    expect(seat.visible).toBe(mira)
  })

  test('two badges call off the ceremony that the first of them began, but no later one', () => {
    const seat = desk().tap('mira')
    seat.answer('tap.identify', anIdentity('mira', seat.now))
    expect(seat.screen.name).toBe('verifying')
    seat.send({ type: 'two-badges', reader: 'r1' })
    expect(seat.screen).toMatchObject({ name: 'locked', notice: { code: 'two-badges' } })
    seat.wait(10_000).tap('mira').answer('tap.identify', anIdentity('mira', seat.now))
    seat.wait(5_000).send({ type: 'two-badges', reader: 'r1' })
    expect(seat.screen.name).toBe('verifying')
  })

  test('two badges while one is being looked up lead back to what was there', () => {
    const seat = desk().tap('mira')
    expect(seat.screen.name).toBe('identifying')
    seat.send({ type: 'two-badges', reader: 'r1' })
    expect(seat.screen).toMatchObject({ name: 'locked', notice: { code: 'two-badges' } })
  })
})

describe('walking away', () => {
  test('countdown first, any key goes on, then the shield; the record says why', () => {
    const seat = desk().signIn('mira').wait(60_000)
    expect(seat.screen).toMatchObject({ banner: { code: 'owner' } })
    seat.wait(210_000)
    expect(seat.screen).toMatchObject({ name: 'warning' })
    expect(seat.visible).toBeNull()
    seat.send({ type: 'activity' })
    expect(seat.screen).toMatchObject({ name: 'active', banner: null })
    seat.wait(270_000).wait(30_000)
    expect(seat.screen).toMatchObject({ name: 'shielded' })
    expect(seat.told('session.shield')).toEqual([{ sessionId: mira, reason: 'inactivity' }])
  })

  test('within the grace a tap lifts the shield; after it, a passkey is asked for', () => {
    const seat = desk().signIn('mira').call('seat.lock', {}).wait(4_000)
    const kept = seat.state.sessions[0]?.view ?? null
    expect(seat.screen).toMatchObject({ graceUntil: kept?.tapGraceUntil })
    seat.tap('mira').answer('tap.identify', anIdentity('mira', seat.now, kept))
    expect(seat.effects).toMatchObject([{ type: 'feedback' }, { call: 'session.resume' }])
    seat.pending.pop()
    seat.call('signIn.cancel', {}).wait(7_200_000)
    expect(seat.screen).toMatchObject({ name: 'shielded', graceUntil: null })
    seat.tap('mira').answer('tap.identify', anIdentity('mira', seat.now, kept))
    expect(seat.screen).toMatchObject({ name: 'verifying', proof: { step: 'waiting' } })
  })

  test('a late timer changes nothing: what was due has happened before the key counts', () => {
    const seat = desk().signIn('mira')
    seat.now += 400_000
    seat.send({ type: 'activity' })
    expect(seat.screen.name).toBe('shielded')
  })

  test('the machine going to sleep brings the shield down', () => {
    const seat = desk().signIn('mira').send({ type: 'machine.leaving' })
    expect(seat.screen.name).toBe('shielded')
    expect(seat.send({ type: 'machine.back' }).effects).toEqual([{ type: 'resync' }])
  })
})

describe('endings', () => {
  test('sign-out closes and clears; only a verified slot is used again', () => {
    const seat = desk().signIn('mira').call('seat.signOut', {})
    expect(seat.told('session.end')).toEqual([{ sessionId: mira, reason: 'sign-out' }])
    expect(seat.effects).toContainEqual({ type: 'close-workspace', sessionId: mira, slot: 0 })
    expect(seat.screen).toMatchObject({ name: 'signing-out' })
    const { sessionId } = aSession('mira', 0)
    seat.send({ type: 'workspace.cleared', sessionId, slot: 0, verified: false })
    expect(seat.screen).toMatchObject({ name: 'locked', notice: { code: 'signed-out' } })
    expect(seat.told('session.cleared')).toEqual([{ sessionId: mira, verified: false }])
    expect(seat.state.slots.free).toEqual([1, 2, 3, 4])
  })

  test.each(['inactivity', 'session-limit', 'emergency-over', 'moved', 'revoked'] as const)(
    'a session that the authority ended (%s) is closed here and named on the lock screen',
    (reason) => {
      const seat = desk().signIn('mira')
      const { sessionId } = aSession('mira', 0)
      seat.send({
        type: 'authority.event',
        event: { seq: 1, type: 'session.ended', sessionId, reason, moved: null },
      })
      expect(seat.screen).toMatchObject({ notice: { code: 'session-over', reason } })
      expect(seat.effects).toContainEqual({ type: 'close-workspace', sessionId, slot: 0 })
    },
  )

  test('an emergency session ends by itself, without the authority', () => {
    const seat = desk()
    seat.signIn('mira', { kind: 'fallback', endsAt: seat.now + 60_000 }).wait(60_000)
    expect(seat.screen).toMatchObject({
      name: 'locked',
      notice: { code: 'session-over', reason: 'emergency-over' },
    })
    expect(seat.told('session.end')).toEqual([{ sessionId: mira, reason: 'emergency-over' }])
  })

  test('after an outage: what ended elsewhere is closed, what was forgotten here is ended', () => {
    const seat = desk().signIn('mira').call('seat.lock', {}).send({ type: 'authority.offline' })
    seat.wait(4_000).tap('mira')
    expect(seat.screen).toMatchObject({ name: 'shielded', notice: { code: 'offline' } })
    seat.online([aSession('otto', seat.now)])
    expect(seat.screen).toMatchObject({ name: 'locked', notice: { reason: 'revoked' } })
    const ended = [mira, otto].map((sessionId) => ({ sessionId, reason: 'agent-restart' }))
    expect(seat.told('session.end')).toEqual(ended)
    expect(seat.told('session.secured')).toEqual([{ sessionId: mira }])
  })
})

describe('identity fallback', () => {
  const requested = () => {
    const seat = desk().call('fallback.open', {}).tap('mira')
    seat.answer('tap.identify', anIdentity('mira', seat.now))
    expect(seat.screen).toMatchObject({ name: 'fallback', stage: { step: 'form' } })
    seat.call('fallback.submit', { reason: 'key-lost', note: 'left it in the car park' })
    return seat.answer('fallback.request', {
      outcome: 'requested',
      requestId: 'q1',
      person: aPerson('mira'),
      expiresAt: seat.now + 120_000,
    })
  }

  test('a second person approves and stays where they were; the requester gets the session', () => {
    const seat = requested().tap('otto')
    expect(seat.effects).toMatchObject([{ type: 'identify', purpose: 'witness' }])
    seat.answer('tap.identify', anIdentity('otto', seat.now)).assert()
    expect(seat.effects).toMatchObject([{ call: 'fallback.approve', params: { requestId: 'q1' } }])
    const session = aSession('mira', seat.now, { kind: 'fallback', witness: 'otto T.' })
    seat.answer('fallback.approve', { outcome: 'signed-in', session, movedFrom: null })
    expect(seat.state.sessions.map(({ view }) => view.person.label)).toEqual(['mira T.'])
    expect(seat.screen).toMatchObject({ name: 'opening', person: { label: 'mira T.' } })
  })

  test('nobody is their own witness', () => {
    const seat = requested().wait(4_000).tap('mira')
    seat.answer('tap.identify', anIdentity('mira', seat.now))
    expect(seat.screen).toMatchObject({ stage: { witness: null, refusal: 'same-person' } })
  })

  test('a request that nobody witnesses runs out; declining says so', () => {
    expect(requested().wait(120_000).screen).toMatchObject({
      notice: { code: 'took-too-long' },
    })
    const seat = requested().call('fallback.decline', {})
    expect(seat.screen).toMatchObject({ notice: { code: 'declined' } })
    expect(seat.told('fallback.decline')).toEqual([{ requestId: 'q1' }])
  })

  test('a spent quota is said on the form', () => {
    const seat = desk().call('fallback.open', {}).tap('mira')
    seat.answer('tap.identify', anIdentity('mira', seat.now))
    seat.call('fallback.submit', { reason: 'key-lost', note: 'left it in the car park' })
    seat.answer('fallback.request', { outcome: 'refused', reason: 'quota' })
    expect(seat.screen).toMatchObject({ stage: { step: 'form', refusal: 'quota', busy: false } })
  })
})

describe('the easier ways on the emergency form', () => {
  const form = () => {
    const seat = desk().tap('mira')
    seat.answer('tap.identify', anIdentity('mira', seat.now)).call('fallback.open', {})
    expect(seat.screen).toMatchObject({ name: 'fallback', stage: { step: 'form' } })
    return seat
  }

  test('the passkey again is a new ceremony of the same person', () => {
    const seat = form().call('signIn.retry', {})
    expect(seat.screen).toMatchObject({ name: 'verifying', proof: { step: 'preparing' } })
    seat.answer('passkey.challenge', aCeremony('c5', seat.now))
    expect(seat.screen).toMatchObject({ proof: { step: 'waiting' } })
  })

  test('a code of IT leads to the enrolment', () => {
    expect(form().call('enrolment.open', {}).screen).toMatchObject({ name: 'enrolling' })
  })
})

describe('breaking the glass', () => {
  const form = {
    patient: 'P-104',
    reason: 'emergency-treatment',
    note: 'unconscious on arrival',
  } as const

  test('form, fresh proof, grant; every application is opened anew with it, and again when it ends', () => {
    const seat = desk().signIn('otto').call('override.open', {})
    expect(seat.visible).toBeNull()
    seat.call('override.submit', form).answer('passkey.challenge', aCeremony('c9', seat.now))
    seat.assert()
    expect(seat.effects).toMatchObject([{ call: 'override.start', params: form }])
    seat.answer('override.start', {
      outcome: 'granted',
      override: {
        overrideId: 'o1',
        patient: 'P-104',
        purposeOfUse: 'BTG',
        startedAt: seat.now,
        endsAt: seat.now + 900_000,
        witness: null,
      },
    })
    const anew = [
      { type: 'relaunch', sessionId: otto, application: 'ehr' },
      { type: 'relaunch', sessionId: otto, application: 'imaging' },
    ]
    expect(seat.effects).toEqual(anew)
    expect(seat.visible).toBe(otto)
    expect(seat.screen).toMatchObject({ session: { override: { patient: 'P-104' } } })
    seat.call('override.end', {})
    expect(seat.told('override.end')).toEqual([{ sessionId: otto, overrideId: 'o1' }])
    expect(seat.effects).toEqual(expect.arrayContaining(anew))
    expect(seat.screen).toMatchObject({ session: { override: null } })
  })

  test('a spent quota is said in the panel; the session goes on', () => {
    const seat = desk().signIn('otto').call('override.open', {}).call('override.submit', form)
    seat.answer('passkey.challenge', aCeremony('c9', seat.now)).assert()
    seat.answer('override.start', { outcome: 'quota' })
    expect(seat.screen).toMatchObject({ panel: { name: 'override', refusal: 'quota' } })
    expect(seat.call('seat.back', {}).visible).toBe(otto)
  })
})

describe('passkeys and reviews', () => {
  const options = { challenge: 'AAAA' }

  test('a first passkey with a code of IT, before sign-in', () => {
    const seat = desk().call('enrolment.open', {}).call('enrolment.begin', { code: 'ABCD-1234' })
    const { personId, label, initials } = aPerson('mira')
    const person = { personId, label, initials }
    seat.answer('enrolment.begin', { outcome: 'begun', enrolmentId: 'e1', person, options })
    expect(seat.screen).toMatchObject({ enrolment: { step: 'waiting', enrolmentId: 'e1' } })
    seat.call('enrolment.finish', { enrolmentId: 'e1', response: aCredential, name: 'Blue key' })
    const passkey = { passkeyId: 'k1', name: 'Blue key', createdAt: 1, lastUsedAt: null }
    seat.answer('enrolment.finish', {
      outcome: 'enrolled',
      passkey: { ...passkey, synced: false },
    })
    expect(seat.screen).toMatchObject({ enrolment: { step: 'done', name: 'Blue key' } })
    expect(seat.call('seat.back', {}).screen.name).toBe('locked')
  })

  test('a proof too old for a new passkey is renewed behind the shield, then it goes on', () => {
    const seat = desk().signIn('mira').call('enrolment.open', {})
    seat.answer('enrolment.begin', { outcome: 'refused', reason: 'verify-again' })
    seat.call('signIn.retry', {}).answer('passkey.challenge', aCeremony('c5', seat.now)).assert()
    seat.answer('session.start', {
      outcome: 'signed-in',
      session: aSession('mira', seat.now),
      movedFrom: null,
    })
    expect(seat.screen).toMatchObject({ panel: { enrolment: { step: 'preparing' } } })
    expect(seat.effects).toMatchObject([{ call: 'enrolment.begin', params: { code: null } }])
  })

  test('revoking a passkey reads the list again; a verdict reads the queue again', () => {
    const seat = desk().signIn('mira').call('passkeys.open', {})
    seat.answer('passkeys.list', { passkeys: [] }).call('passkeys.revoke', { passkeyId: 'k1' })
    seat.answer('passkeys.revoke', {})
    expect(seat.effects).toMatchObject([{ call: 'passkeys.list' }])
    seat.pending.pop()
    seat.call('reviews.open', {}).answer('review.list', { outcome: 'listed', cases: [] })
    const note = 'looked at the chart'
    seat.call('reviews.decide', { caseId: 'x', verdict: 'genuine', note })
    seat.answer('review.decide', { outcome: 'own-case' })
    expect(seat.screen).toMatchObject({ panel: { name: 'reviews', failure: 'own-case' } })
    expect(seat.effects).toMatchObject([{ call: 'review.list' }])
  })
})

test('one timer is enough: the next deadline of an idle seat lies ahead', () => {
  const seat = desk().signIn('mira')
  expect(nextDeadline(seat.state, seat.policy)).toBe(seat.now + 60_000)
  seat.wait(60_000)
  expect(nextDeadline(seat.state, seat.policy)).toBe(seat.now + 210_000)
})
