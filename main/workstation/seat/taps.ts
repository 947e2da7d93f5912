import { isCoolingFor, isRepeated } from './badge-rules.ts'
import type { SeatTap } from './events.ts'
import { inspecting } from './inspecting.ts'
import { enrolmentTap } from './phases/badge-enrolment.ts'
import type { Turn } from './turn.ts'
import { patience } from './types.ts'
import type { SeatState } from './types.ts'

/**
 * What is decided about a tap before the screen matters. The state to go on with, or `settled` when
 * the tap is at an end: the same badge again, a reader that cools down, or a badge being added, for
 * which both of these do not count.
 */
export const receiveTap = (
  state: SeatState,
  tap: SeatTap,
  turn: Turn,
): { readonly settled: boolean; readonly state: SeatState } => {
  if (state.phase.name === 'starting' || state.phase.name === 'fault')
    return { settled: true, state }
  // On its way before the readers heard that they are being tested.
  if (inspecting(state) !== null) return { settled: true, state }
  const { badge, tapId, reader } = tap
  const seen = { ...state, lastTap: { badge, tapId, reader, at: turn.now } }
  const enrolled = enrolmentTap(seen, tap, turn)
  if (enrolled !== null) return { settled: true, state: enrolled }
  if (isRepeated(state, tap, turn)) return { settled: true, state }
  if (!isCoolingFor(seen, tap, turn)) return { settled: false, state: seen }
  turn.effects.push({ type: 'feedback', reader, signal: 'refused' })
  return { settled: true, state: sayCooling(seen, turn) }
}

const sayCooling = (state: SeatState, turn: Turn): SeatState => {
  const { phase } = state
  // Another badge was tapped after the refused one that could have been added.
  if (phase.name === 'active' && phase.banner?.code === 'badge-refused')
    return { ...state, phase: { ...phase, banner: { ...phase.banner, tap: null } } }
  if (phase.name !== 'locked' && phase.name !== 'shielded') return state
  const notice = { code: 'too-many-badges' } as const
  return { ...state, phase: { ...phase, notice, until: turn.now + patience.notice } }
}
