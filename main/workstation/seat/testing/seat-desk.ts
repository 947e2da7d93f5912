import type { Screen } from '../../../../preload/shown/screen.ts'
import type { Call, Response } from '../../../authority/protocol/procedures.ts'
import type { SessionView } from '../../../authority/protocol/views.ts'
import type { Policy } from '../../../policy/settings.ts'
import type { Effect } from '../effects.ts'
import type { SeatAnswer, SeatCall, SeatEvent } from '../events.ts'
import { initialSeat } from '../initial.ts'
import type { SeatPanel, SeatProof } from '../panel-types.ts'
import { snapshotOf } from '../snapshot.ts'
import { step } from '../step.ts'
import type { SeatState } from '../types.ts'
import { visible } from '../visible.ts'
import { aCredential, aHello, anIdentity, aPolicy, aSession, start } from './builders.ts'
import type { Name } from './builders.ts'

export type Asked = Extract<Effect, { type: 'ask' | 'ask-badge' | 'identify' }>

export const isAsked = (effect: Effect): effect is Asked =>
  effect.type === 'ask' || effect.type === 'ask-badge' || effect.type === 'identify'

const panelProof = (panel: SeatPanel | null): SeatProof | null => {
  if (panel?.name === 'override') return panel.proof
  if (panel?.name === 'badges') return panel.finding?.proof ?? null
  return panel?.name === 'badge-enrolment' && panel.enrolment.step === 'proof'
    ? panel.enrolment.proof
    : null
}

/** A seat on the desk of a test: events in, effects and screens out, time in the test's hands. */
export class SeatDesk {
  readonly policy: Policy
  state: SeatState
  now = start
  effects: readonly Effect[] = []
  refusal: string | null = null
  pending: Asked[] = []
  #taps = 0

  constructor(overrides: Partial<Policy> = {}) {
    this.policy = aPolicy(overrides)
    this.state = initialSeat(this.policy, this.now)
  }

  send(event: SeatEvent): this {
    const result = step(this.state, event, this.policy, this.now)
    this.state = result.state
    this.effects = result.effects
    this.refusal = result.refusal
    this.pending.push(...result.effects.filter(isAsked))
    return this
  }

  online(sessions: readonly SessionView[] = []): this {
    const hello = aHello(this.now, sessions)
    const effects = this.send({ type: 'authority.hello', hello }).effects
    this.send({ type: 'authority.online', hello })
    this.effects = [...effects, ...this.effects]
    return this
  }

  wait(ms: number): this {
    this.now += ms
    return this.send({ type: 'tick' })
  }

  tap(badge: string, reader = 'r1'): this {
    this.#taps += 1
    return this.send({ type: 'tap', tapId: `tap-${this.#taps}`, reader, badge })
  }

  call<N extends SeatCall['name']>(name: N, input: Extract<SeatCall, { name: N }>['input']): this {
    return this.send({ type: 'call', name, input } as SeatCall)
  }

  /** Answers the last question; it must be this one. */
  answer<C extends Call>(call: C, value: Response<C>): this {
    const asked = this.pending.pop()
    const name = asked?.type === 'identify' ? 'tap.identify' : asked?.call
    if (asked === undefined || name !== call)
      throw new Error(`expected a question ${call}, got ${name}`)
    return this.send({ type: 'answer', request: asked.request, call, value } as SeatAnswer)
  }

  fail(code: 'unreachable' | 'timeout' | 'log-unavailable' | 'session-ended' | 'internal'): this {
    const asked = this.pending.pop()
    if (asked === undefined) throw new Error('nothing was asked')
    const call = asked.type === 'identify' ? 'tap.identify' : asked.call
    return this.send({ type: 'failure', request: asked.request, call, code })
  }

  /** The whole way in: tap, passkey, workspace. */
  signIn(name: Name, overrides: Partial<SessionView> = {}): this {
    this.tap(name)
    this.answer('tap.identify', anIdentity(name, this.now))
    this.assert()
    const session = aSession(name, this.now, overrides)
    this.answer('session.start', { outcome: 'signed-in', session, movedFrom: null })
    return this.send({ type: 'workspace.opened', sessionId: session.sessionId })
  }

  assert(): this {
    return this.call('passkey.assert', { ceremonyId: this.ceremonyId(), response: aCredential })
  }

  ceremonyId(): string {
    const { phase } = this.state
    const proof =
      phase.name === 'verifying'
        ? phase.proof
        : phase.name === 'fallback' && phase.stage.step === 'witness'
          ? phase.stage.proof
          : phase.name === 'active'
            ? panelProof(phase.panel)
            : null
    return proof?.step === 'waiting' ? proof.ceremonyId : 'none'
  }

  get screen(): Screen {
    return snapshotOf(this.state, this.policy, this.now, 0).screen
  }

  get visible(): string | null {
    return visible(this.state)
  }

  /** A question that was answered or lost elsewhere; the last one asked of this name. */
  drop(call: Call): this {
    const index = this.pending.findLastIndex(
      (asked) => asked.type !== 'identify' && asked.call === call,
    )
    if (index < 0) throw new Error(`${call} was not asked`)
    this.pending.splice(index, 1)
    return this
  }

  told(call: Call): readonly unknown[] {
    return this.effects
      .filter((effect) => effect.type === 'tell' && effect.call === call)
      .map((effect) => ('params' in effect ? effect.params : null))
  }
}
