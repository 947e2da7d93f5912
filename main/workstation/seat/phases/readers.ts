import type { InspectionShown } from '../../../../preload/shown/readers.ts'
import type { SeatAnswer, SeatFailure, SeatInspected } from '../events.ts'
import { inspecting } from '../inspecting.ts'
import type { ReadersPanel, SeatInspection } from '../panel-types.ts'
import { panelFailure } from '../sessions.ts'
import { ask, askBadge } from '../turn.ts'
import type { Turn } from '../turn.ts'
import { patience } from '../types.ts'
import type { PhaseOf, SeatState } from '../types.ts'
import { withPanel } from './with-panel.ts'

type Active = PhaseOf<'active'>

/** As many taps as an engineer compares at once. */
const compared = 5

/** The test page for readers (R11); whether it may be opened is the authority's to say. */
export const openReaders = (state: SeatState, phase: Active, turn: Turn): SeatState =>
  withPanel(state, phase, {
    name: 'readers',
    asked: {
      request: ask(turn, 'readers.open', { sessionId: phase.sessionId, reveal: false }),
      reveal: false,
    },
    allowed: false,
    reveal: false,
    inspections: [],
    lastTapAt: turn.now,
    failure: null,
  })

/** Digits show once the authority has recorded who asked; they go without asking. */
export const revealReaders = (
  state: SeatState,
  phase: Active,
  panel: ReadersPanel,
  reveal: boolean,
  turn: Turn,
): SeatState | null => {
  if (!panel.allowed) return null
  if (!reveal) {
    const inspections = panel.reveal ? [] : panel.inspections
    return withPanel(state, phase, { ...panel, asked: null, reveal: false, inspections })
  }
  if (panel.reveal || panel.asked !== null) return state
  const request = ask(turn, 'readers.open', { sessionId: phase.sessionId, reveal: true })
  return withPanel(state, phase, { ...panel, asked: { request, reveal: true }, failure: null })
}

/** A reader explained what it saw. Nobody who looks at the test page: it is dropped. */
export const inspected = (
  state: SeatState,
  { inspection, held }: SeatInspected,
  turn: Turn,
): SeatState => {
  const { phase } = state
  if (inspecting(state) === null || phase.name !== 'active' || phase.panel?.name !== 'readers')
    return state
  const { reader, ...seen } = inspection
  const signal = inspection.result.outcome === 'badge' ? 'accepted' : 'refused'
  turn.effects.push({ type: 'feedback', reader, signal })
  const { sessionId, panel } = phase
  const request = held === null ? null : askBadge(turn, 'readers.test', held, { sessionId })
  // Readers tell time by the machine's monotonic clock; the page by the seat's.
  const shown: InspectionShown = { ...seen, at: turn.now, known: null }
  return withPanel(state, phase, {
    ...panel,
    inspections: [{ request, shown }, ...panel.inspections].slice(0, compared),
    lastTapAt: turn.now,
  })
}

export const readersAnswer = (
  state: SeatState,
  phase: Active,
  panel: ReadersPanel,
  event: SeatAnswer | SeatFailure,
): SeatState | null => {
  const show = (next: Partial<ReadersPanel>) => withPanel(state, phase, { ...panel, ...next })
  // Whatever went wrong: a page that says so tests no readers, and taps are obeyed again.
  const shut = (failure: ReadersPanel['failure']) => show({ ...closed, failure })
  const { asked } = panel
  if (asked?.request === event.request) {
    if (event.type === 'failure') return shut(panelFailure(event.code))
    if (event.call !== 'readers.open') return null
    return event.value.outcome === 'allowed'
      ? show({ asked: null, allowed: true, reveal: asked.reveal, failure: null })
      : shut('not-an-operator')
  }
  if (!panel.inspections.some(({ request }) => request === event.request)) return null
  if (event.type === 'failure') return shut(panelFailure(event.code))
  if (event.call !== 'readers.test') return null
  const { value } = event
  if (value.outcome !== 'tested') return shut('not-an-operator')
  const { tag, status } = value
  const tell = (one: SeatInspection): SeatInspection =>
    one.request === event.request
      ? { ...one, shown: { ...one.shown, known: { tag, status } } }
      : one
  return show({ inspections: panel.inspections.map(tell) })
}

const closed = { asked: null, allowed: false, reveal: false, inspections: [] } as const

/** Left alone, the page closes and the readers serve people again. */
export const readersUntil = ({ lastTapAt }: ReadersPanel, { lastActivity }: Active): number =>
  Math.max(lastTapAt, lastActivity) + patience.form

export const readersExpired = (
  state: SeatState,
  phase: Active,
  panel: ReadersPanel,
  turn: Turn,
): SeatState | null =>
  readersUntil(panel, phase) <= turn.now ? withPanel(state, phase, null) : null
