import type { Policy } from '../../policy/settings.ts'
import { expire } from './deadline.ts'
import type { Effect } from './effects.ts'
import type { PhaseEvent, SeatEvent } from './events.ts'
import { facts, preferences } from './facts.ts'
import { tellReaders } from './inspecting.ts'
import { overrideGranted } from './phases/override.ts'
import { active } from './phases/active.ts'
import { enrolling } from './phases/enrolling.ts'
import { fallback } from './phases/fallback.ts'
import { identifying } from './phases/identifying.ts'
import { opening, signingOut, warning } from './phases/passing.ts'
import { inspected } from './phases/readers.ts'
import { resting } from './phases/resting.ts'
import { resuming } from './phases/resuming.ts'
import { verifying } from './phases/verifying.ts'
import { stale } from './stale.ts'
import { receiveTap } from './taps.ts'
import { notNow } from './turn.ts'
import type { Turn } from './turn.ts'
import type { SeatState } from './types.ts'

export interface Step {
  readonly state: SeatState
  readonly effects: readonly Effect[]
  /** Why a call of the shell changed nothing; `null` when it was taken. */
  readonly refusal: 'not-now' | 'offline' | null
}

/**
 * The rules of a seat: from a state and an event to the next state and what is to be done, as data.
 * Pure: no clock, no randomness, no I/O. What was due before `now` has happened before the event
 * counts, however late the timer was.
 */
export const step = (before: SeatState, event: SeatEvent, policy: Policy, now: number): Step => {
  const turn: Turn = { policy, now, effects: [], counter: before.counter, refusal: null }
  const due = expire(before, turn)
  // What the event led back to may itself be due: a workspace left alone too long, say.
  const after = event.type === 'tick' ? due : expire(decide(due, event, turn), turn)
  turn.effects.push(...tellReaders(before, after, event))
  const state = after.counter === turn.counter ? after : { ...after, counter: turn.counter }
  return { state, effects: turn.effects, refusal: turn.refusal }
}

const decide = (
  state: SeatState,
  event: Exclude<SeatEvent, { type: 'tick' }>,
  turn: Turn,
): SeatState => {
  switch (event.type) {
    case 'authority.hello':
    case 'authority.online':
    case 'authority.offline':
    case 'authority.event':
    case 'fault':
    case 'reader':
    case 'application':
    case 'workspace.cleared':
    case 'machine.back':
      return facts(state, event, turn)
    case 'tap': {
      const received = receiveTap(state, event, turn)
      return received.settled ? received.state : inPhase(received.state, event, turn)
    }
    case 'call':
      return preferences(state, event) ?? inPhase(state, event, turn)
    case 'answer':
      return inPhase(
        event.call === 'override.start' ? overrideGranted(state, event, turn) : state,
        event,
        turn,
      )
    case 'inspection':
      return inspected(state, event, turn)
    case 'workspace.opened':
      return inPhase(markOpened(state, event.sessionId), event, turn)
    case 'failure':
    case 'two-badges':
    case 'activity':
    case 'machine.leaving':
      return inPhase(state, event, turn)
  }
}

/** A workspace may finish opening behind its shield. */
const markOpened = (state: SeatState, sessionId: string): SeatState => ({
  ...state,
  sessions: state.sessions.map((session) =>
    session.view.sessionId === sessionId ? { ...session, opened: true } : session,
  ),
})

const inPhase = (state: SeatState, event: PhaseEvent, turn: Turn): SeatState => {
  const { phase } = state
  switch (phase.name) {
    case 'starting':
    case 'fault':
      if (event.type === 'call') return notNow(state, turn)
      return event.type === 'answer' || event.type === 'failure' ? stale(state, event, turn) : state
    case 'locked':
    case 'shielded':
      return resting(state, phase, event, turn)
    case 'identifying':
      return identifying(state, phase, event, turn)
    case 'resuming':
      return resuming(state, phase, event, turn)
    case 'verifying':
      return verifying(state, phase, event, turn)
    case 'opening':
      return opening(state, phase, event, turn)
    case 'active':
      return active(state, phase, event, turn)
    case 'warning':
      return warning(state, phase, event, turn)
    case 'signing-out':
      return signingOut(state, phase, event, turn)
    case 'fallback':
      return fallback(state, phase, event, turn)
    case 'enrolling':
      return enrolling(state, phase, event, turn)
  }
}
