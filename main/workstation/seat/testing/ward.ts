import type { Call, Response } from '../../../authority/protocol/procedures.ts'
import type { PersonId, SessionId, SessionView } from '../../../authority/protocol/views.ts'
import type { Effect } from '../effects.ts'
import type { SeatEvent, SeatTap } from '../events.ts'
import { heldTaps } from '../held-taps.ts'
import {
  aBadge,
  aCeremony,
  aNotice,
  aPerson,
  aSession,
  anIdentity,
  anInspection,
  people,
} from './builders.ts'
import type { Name } from './builders.ts'
import { SeatDesk } from './seat-desk.ts'
import { isAsked } from './seat-desk.ts'
import type { Asked } from './seat-desk.ts'

type Tap = { readonly badge: string; readonly reader: string }

/**
 * A ward for properties: a seat and an authority that answers late, twice, wrongly or never, and
 * claims more assurance than was proven whenever nothing was proven. It keeps its own books of what
 * the events entitled anybody to, which know nothing of the seat's state.
 */
export class Ward {
  readonly desk: SeatDesk
  /** What was proven, by the answers to ceremonies only. */
  readonly proven = new Map<SessionId, SessionView>()
  /** Sessions whose person was the last to prove or resume, and was not put aside since. */
  readonly entitled = new Set<SessionId>()
  /** Slots that hold somebody's data. */
  readonly dirty = new Map<number, SessionId>()
  /** Went on at another workstation. */
  readonly away = new Set<SessionId>()
  readonly faults: string[] = []
  /** What the readers were told last. */
  inspect = { on: false, reveal: false }
  /** What the authority allowed to test, and whether with digits. */
  readonly allowed = new Set<string>()
  /** Taps that a badge enrolment took. */
  enrolled = 0
  #sessions = 0
  #inspections = 0
  #ceremonies = 0
  #taps = new Map<string, Tap>()

  constructor() {
    this.desk = new SeatDesk({ 'session.places': 3 })
  }

  send(event: SeatEvent): void {
    if (event.type === 'tap') this.#taps.set(event.tapId, event)
    const answered =
      event.type === 'answer' && 'outcome' in event.value && event.value.outcome === 'signed-in'
        ? (event.value as { readonly session: SessionView }).session
        : null
    if (answered !== null && !this.away.has(answered.sessionId))
      this.entitled.add(answered.sessionId)
    const { state } = this.desk
    this.desk.send(event)
    for (const effect of this.desk.effects) this.#note(effect)
    this.#checkBadges(event, heldTaps(state))
    if (event.type === 'tap') this.#checkEnrolled(event, state)
  }

  /** The driver has the badge of the event and those that were to be held; no other. */
  #checkBadges(event: SeatEvent, held: readonly string[]): void {
    const own = event.type === 'tap' ? event.tapId : event.type === 'inspection' ? event.held : null
    for (const effect of this.desk.effects.filter(isAsked)) {
      if (effect.type === 'ask') continue
      const id = effect.type === 'identify' ? effect.tapId : effect.held
      if (id !== own && !held.includes(id)) this.faults.push(`badge of ${id} asked for, not held`)
    }
    const now = heldTaps(this.desk.state)
    if (now.length > 1) this.faults.push('more than one badge held')
    for (const id of now)
      if (id !== own && !held.includes(id)) this.faults.push(`badge of ${id} held without its tap`)
  }

  /** A badge that is being added opens, covers and locks nothing, whoever else's it may be. */
  #checkEnrolled(tap: SeatTap, { phase }: SeatDesk['state']): void {
    if (phase.name !== 'active' || phase.panel?.name !== 'badge-enrolment') return
    const { enrolment, tapped } = phase.panel
    const until = 'until' in enrolment ? enrolment.until : Infinity
    const begunUntil = 'begun' in enrolment ? (enrolment.begun?.expiresAt ?? Infinity) : Infinity
    if (Math.min(until, begunUntil) <= this.desk.now) return
    const awaited = ['first-tap', 'checking', 'second-tap'].includes(enrolment.step)
    if (!awaited && !tapped.includes(tap.badge)) return
    this.enrolled += 1
    const after = this.desk.state.phase
    const stays = after.name === 'active' && after.sessionId === phase.sessionId
    if (!stays || after.panel?.name !== 'badge-enrolment' || after.banner !== phase.banner)
      this.faults.push(`a tap in ${enrolment.step} led to ${after.name}`)
  }

  #note(effect: Effect): void {
    if (effect.type === 'open-workspace') {
      if (this.dirty.has(effect.slot)) this.faults.push(`slot ${effect.slot} used before cleared`)
      this.dirty.set(effect.slot, effect.sessionId)
    }
    if (effect.type === 'close-workspace') {
      if (this.dirty.get(effect.slot) !== effect.sessionId)
        this.faults.push(`slot ${effect.slot} closed for another session`)
      this.entitled.delete(effect.sessionId)
    }
    if (effect.type === 'inspect') this.inspect = { on: effect.on, reveal: effect.reveal }
    if (effect.type === 'tell' && effect.call === 'session.shield')
      this.entitled.delete(effect.params.sessionId as SessionId)
    if (effect.type === 'tell' && effect.call === 'session.end')
      this.entitled.delete(effect.params.sessionId as SessionId)
  }

  tap(who: number): void {
    const badge = people[who] ?? `unknown-${who}`
    this.send({ type: 'tap', tapId: `t${this.#taps.size}`, reader: `r${who % 2}`, badge })
  }

  /** Answers one open question: `how` picks which, and what kind of answer. */
  answer(which: number, how: number, twice: boolean): void {
    const { pending } = this.desk
    const asked = pending[which % Math.max(1, pending.length)]
    if (asked === undefined) return
    if (!twice) pending.splice(pending.indexOf(asked), 1)
    const call = asked.type === 'identify' ? 'tap.identify' : asked.call
    const value = how === 0 ? null : this.#value(asked, how)
    if (value === null)
      this.send({ type: 'failure', request: asked.request, call, code: 'unreachable' })
    else this.send({ type: 'answer', request: asked.request, call, value } as SeatEvent)
  }

  /** Taps and answers as they go on a good day; `steps` says how far the day goes. */
  arrive(who: number, steps: number): void {
    const { desk } = this
    const last = () => desk.pending.length - 1
    const day = [
      () => this.tap(who),
      () => this.answer(last(), 1, false),
      () => {
        const response = { id: 'A', rawId: 'A', type: 'public-key' as const, response: {} }
        const input = { ceremonyId: desk.ceremonyId(), response }
        this.send({ type: 'call', name: 'passkey.assert', input })
      },
      () => this.answer(last(), who % people.length, false),
      () => {
        const { phase } = desk.state
        if (phase.name === 'opening')
          this.send({ type: 'workspace.opened', sessionId: phase.sessionId })
      },
    ]
    for (const one of day.slice(0, steps)) one()
  }

  /** As `arrive`, in one's own session: a badge added, or the test page used. */
  tinker(who: number, addBadge: boolean, steps: number): void {
    if (this.desk.state.phase.name !== 'active') this.arrive(who, 5)
    const last = () => this.desk.pending.length - 1
    const answer = () => this.answer(last(), 1, false)
    const ask = (name: 'readers.open' | 'seat.back') => this.send({ type: 'call', name, input: {} })
    const adding = [
      () => this.send({ type: 'call', name: 'badges.add', input: { sameCard: null } }),
      answer,
      () => this.tap(4),
      answer,
      () => this.tap(4),
      answer,
      () => {
        const input = { name: 'card', kind: 'permanent', replaces: null } as const
        this.send({ type: 'call', name: 'badges.assign', input })
      },
      answer,
    ]
    const testing = [
      () => ask('readers.open'),
      answer,
      () => this.sees(true),
      answer,
      () => this.send({ type: 'call', name: 'readers.reveal', input: { reveal: true } }),
      answer,
      () => this.sees(false),
      () => ask('seat.back'),
    ]
    for (const one of (addBadge ? adding : testing).slice(0, steps)) one()
  }

  /** Sessions of which one may begin with the next answer. */
  coming(): readonly SessionId[] {
    return people.map((name) => `s${this.#sessions + 1}-${name}` as SessionId)
  }

  /** The session goes on elsewhere; whoever is told first, the event or the answer. */
  moved(sessionId: SessionId): void {
    this.away.add(sessionId)
    this.entitled.delete(sessionId)
    const moved = { where: 'Ward 5', at: this.desk.now }
    const event = { seq: 0, type: 'session.ended', sessionId, reason: 'moved', moved } as const
    this.send({ type: 'authority.event', event })
    const [first] = this.desk.effects
    if (first?.type !== 'tell' || first.call !== 'session.secured')
      this.faults.push(`${sessionId} moved and was not answered for`)
  }

  /** A reader explains what it saw, whether it was asked to or not. */
  sees(badge: boolean): void {
    this.#inspections += 1
    const held = badge ? `i${this.#inspections}` : null
    this.send({ type: 'inspection', held, inspection: anInspection() })
  }

  #held(personId: PersonId): SessionView | null {
    const one = this.desk.state.sessions.find(({ view }) => view.person.personId === personId)
    return one?.view ?? null
  }

  #prove(name: Name): SessionView {
    const { now } = this.desk
    const held = this.#held(aPerson(name).personId)
    this.#sessions += held === null ? 1 : 0
    const fresh = aSession(name, now)
    const sessionId = held?.sessionId ?? (`s${this.#sessions}-${name}` as SessionId)
    const view = { ...fresh, sessionId, notices: [aNotice('n1', now)] }
    this.proven.set(sessionId, view)
    return view
  }

  #value(asked: Asked, how: number): Response<Call> | null {
    const { now } = this.desk
    const name = people[how % people.length] ?? 'mira'
    if (asked.type === 'identify') {
      const badge = this.#taps.get(asked.tapId)?.badge
      const owner = people.find((one) => one === badge)
      if (owner === undefined || how === 7) return { outcome: 'refused' }
      const identity = anIdentity(owner, now, this.#held(aPerson(owner).personId), how !== 6)
      return identity.outcome === 'identified' && identity.session === null && how > 3
        ? { ...identity, elsewhere: { tapEnough: how === 5 } }
        : identity
    }
    switch (asked.call) {
      case 'passkey.challenge':
        this.#ceremonies += 1
        return aCeremony(`c${this.#ceremonies}`, now)
      case 'session.start':
      case 'fallback.approve':
        return how > 5
          ? { outcome: 'refused', reason: 'revoked' }
          : { outcome: 'signed-in', session: this.#prove(name), movedFrom: null }
      case 'session.take':
        return how > 5
          ? { outcome: 'refused', reason: 'not-verified' }
          : {
              outcome: 'signed-in',
              session: this.#prove(name),
              movedFrom: { where: 'Ward 3', at: now },
            }
      case 'session.resume': {
        const held = this.proven.get(asked.params.sessionId as SessionId)
        return held === undefined || how > 5
          ? { outcome: 'refused', reason: 'expired' }
          : { outcome: 'signed-in', session: this.boast(held), movedFrom: null }
      }
      case 'fallback.request':
        return how > 5
          ? { outcome: 'refused', reason: 'expired' }
          : { outcome: 'requested', requestId: 'q', person: aPerson(name), expiresAt: now + 90_000 }
      case 'enrolment.begin': {
        const { personId, label, initials } = aPerson(name)
        const person = { personId, label, initials }
        return how > 5
          ? { outcome: 'refused', reason: how === 6 ? 'verify-again' : 'code-invalid' }
          : { outcome: 'begun', enrolmentId: 'e', person, options: { challenge: 'A' } }
      }
      case 'override.start':
        return how > 5
          ? { outcome: 'quota' }
          : {
              outcome: 'granted',
              override: {
                overrideId: 'o',
                patient: 'P-1',
                purposeOfUse: 'BTG',
                startedAt: now,
                endsAt: now + 900_000,
                witness: null,
              },
            }
      case 'badges.list':
        return { badges: how > 5 ? [] : [aBadge('c1', { status: 'lost' }), aBadge('c2')] }
      case 'badge.begin':
        return how > 5
          ? { outcome: 'refused', reason: 'taken' }
          : { outcome: 'tap-again', enrolmentId: 'b', expiresAt: now + 60_000 }
      case 'badge.confirm':
        return how > 5
          ? { outcome: 'refused', reason: 'differs' }
          : { outcome: 'agreed', loanerOnly: how === 5 }
      case 'badge.assign':
        if (how > 6) return { outcome: 'not-assigned', reason: 'expired' }
        return how > 5
          ? { outcome: 'refused', reason: 'invalid' }
          : { outcome: 'assigned', badge: aBadge('c3') }
      case 'badge.found':
        return how > 5 ? { outcome: 'not-lost' } : { outcome: 'found' }
      case 'badge.lost':
      case 'badge.detach':
        return {}
      case 'readers.open':
        if (how > 5) return { outcome: 'not-an-operator' }
        this.allowed.add(`${asked.params.sessionId} ${asked.params.reveal}`)
        return { outcome: 'allowed' }
      case 'readers.test':
        return how > 5
          ? { outcome: 'not-an-operator' }
          : { outcome: 'tested', tag: '01ab23', status: 'unknown' }
      case 'passkeys.list':
        return { passkeys: [] }
      case 'review.list':
        return { outcome: 'listed', cases: [] }
      default:
        return null
    }
  }

  /** The same session with more assurance than anybody proved. */
  boast(view: SessionView): SessionView {
    const { now } = this.desk
    return {
      ...view,
      assurance: { aal: 2, amr: ['boast'], verifiedAt: now + 1 },
      endsAt: view.endsAt + 1_000,
      tapGraceUntil: now + 14_400_000,
      notices: [aNotice('n2', now), ...view.notices].slice(0, 5),
    }
  }

  cleared(which: number, verified: boolean): void {
    const open = new Set(this.desk.state.sessions.map(({ slot }) => slot))
    const closed = [...this.dirty].filter(([slot]) => !open.has(slot))
    const [slot, sessionId] = closed[which % Math.max(1, closed.length)] ?? []
    if (slot === undefined || sessionId === undefined) return
    if (verified) this.dirty.delete(slot)
    this.send({ type: 'workspace.cleared', sessionId, slot, verified })
  }
}
