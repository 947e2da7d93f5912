import { beginEnrolment } from '../enrolment.ts'
import type { SeatCall } from '../events.ts'
import { goHome } from '../moves.ts'
import { prepareProof } from '../proof.ts'
import { hasRoom } from '../sessions.ts'
import { notNow } from '../turn.ts'
import type { Turn } from '../turn.ts'
import { patience } from '../types.ts'
import type { Home, Identified, SeatState } from '../types.ts'

/** The ways in that need no badge; the same on the lock screen, a shield and a failed ceremony. */
export const entry = (
  state: SeatState,
  call: SeatCall,
  from: { readonly home: Home; readonly person: Identified | null },
  turn: Turn,
): SeatState => {
  const { home, person } = from
  switch (call.name) {
    case 'signIn.withoutBadge':
      return {
        ...state,
        phase: {
          name: 'verifying',
          person: null,
          proof: prepareProof('sign-in', null, turn),
          home,
          elsewhere: false,
          next: null,
        },
      }
    case 'fallback.open':
      return openFallback(state, home, person, turn)
    case 'enrolment.open':
      return {
        ...state,
        phase: { name: 'enrolling', enrolment: { step: 'code', failure: null }, home },
      }
    case 'enrolment.begin':
      // Without a session, only the code of IT says whose passkey it will be.
      return call.input.code === null
        ? notNow(state, turn)
        : {
            ...state,
            phase: {
              name: 'enrolling',
              enrolment: beginEnrolment({ code: call.input.code, sessionId: null }, turn),
              home,
            },
          }
    default:
      return notNow(state, turn)
  }
}

/** The form for the person who tapped; without a tap, the tap is asked for first. */
export const openFallback = (
  state: SeatState,
  home: Home,
  person: Identified | null,
  turn: Turn,
): SeatState => {
  if (!hasRoom(state)) return goHome(state, home, { code: 'seat-full' }, turn)
  return {
    ...state,
    phase: {
      name: 'fallback',
      home,
      stage:
        person === null
          ? { step: 'tap', until: turn.now + patience.linger }
          : {
              step: 'form',
              person,
              refusal: null,
              renewing: null,
              asked: null,
              until: turn.now + patience.form,
            },
    },
  }
}
