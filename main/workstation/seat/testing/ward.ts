import type { Call, Response } from '../../../authority/protocol/procedures.ts'
import type { PersonId, SessionId, SessionView } from '../../../authority/protocol/views.ts'
import type { Effect } from '../effects.ts'
import type { SeatEvent } from '../events.ts'
import { aCeremony, aPerson, aSession, anIdentity, people } from './builders.ts'
import type { Name } from './builders.ts'
import { SeatDesk } from './seat-desk.ts'
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
  readonly faults: string[] = []
  #sessions = 0
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
    if (answered !== null) this.entitled.add(answered.sessionId)
    this.desk.send(event)
    for (const effect of this.desk.effects) this.#note(effect)
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
    const view = { ...fresh, sessionId }
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
      return anIdentity(owner, now, this.#held(aPerson(owner).personId), how !== 6)
    }
    switch (asked.call) {
      case 'passkey.challenge':
        this.#ceremonies += 1
        return aCeremony(`c${this.#ceremonies}`, now)
      case 'session.start':
      case 'fallback.approve':
        return how > 5
          ? { outcome: 'refused', reason: 'revoked' }
          : { outcome: 'signed-in', session: this.#prove(name) }
      case 'session.resume': {
        const held = this.proven.get(asked.params.sessionId as SessionId)
        return held === undefined || how > 5
          ? { outcome: 'refused', reason: 'expired' }
          : { outcome: 'signed-in', session: this.boast(held) }
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
