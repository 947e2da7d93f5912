import type { SeatPanel } from '../panel-types.ts'
import type { PhaseOf, SeatState } from '../types.ts'

export const withPanel = (
  state: SeatState,
  phase: PhaseOf<'active'>,
  panel: SeatPanel | null,
): SeatState => ({ ...state, phase: { ...phase, panel } })
