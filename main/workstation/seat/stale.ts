import type { SeatAnswer, SeatFailure } from './events.ts'
import { lateSignIn } from './moves.ts'
import type { Turn } from './turn.ts'
import type { SeatState } from './types.ts'

/** An answer that no phase waits for any more. Only a sign-in must not be left hanging. */
export const stale = (state: SeatState, event: SeatAnswer | SeatFailure, turn: Turn): SeatState => {
  if (event.type === 'failure') return state
  switch (event.call) {
    case 'session.start':
    case 'session.resume':
    case 'session.take':
    case 'fallback.approve':
      return lateSignIn(state, event.value, turn)
    case 'fallback.request':
    case 'agent.hello':
    case 'tap.identify':
    case 'passkey.challenge':
    case 'session.shield':
    case 'session.activity':
    case 'session.end':
    case 'session.cleared':
    case 'session.secured':
    case 'machine.rotate':
    case 'offline.bundle':
    case 'offline.reconcile':
    case 'launch.create':
    case 'enrolment.begin':
    case 'enrolment.finish':
    case 'passkeys.list':
    case 'passkeys.revoke':
    case 'badges.list':
    case 'badge.begin':
    case 'badge.confirm':
    case 'badge.assign':
    case 'badge.lost':
    case 'badge.found':
    case 'badge.detach':
    case 'notice.answer':
    case 'readers.open':
    case 'readers.test':
    case 'fallback.decline':
    case 'override.start':
    case 'override.end':
    case 'review.list':
    case 'review.decide':
    case 'workstation.report':
      return state
  }
}
