import type { Effect } from './effects.ts'
import type { SeatEvent } from './events.ts'
import type { SeatState } from './types.ts'

/**
 * Whether readers explain what they see instead of reporting taps: only while the test page is on
 * the screen and the authority allowed it. Like `visible`, it is read off the state, so that no way
 * out of the page can forget to give the readers back.
 */
export const inspecting = ({ phase }: SeatState): { readonly reveal: boolean } | null =>
  phase.name === 'active' && phase.panel?.name === 'readers' && phase.panel.allowed
    ? { reveal: phase.panel.reveal }
    : null

/** What the readers must hear after a step. */
export const tellReaders = (before: SeatState, after: SeatState, event: SeatEvent): Effect[] => {
  const was = inspecting(before)
  const is = inspecting(after)
  const changed = (was === null) !== (is === null) || was?.reveal !== is?.reveal
  // A reader whose process started anew has not heard of it.
  const returned =
    is !== null &&
    event.type === 'reader' &&
    event.state === 'ready' &&
    before.readers[event.reader]?.status !== 'ready'
  if (!changed && !returned) return []
  return [{ type: 'inspect', on: is !== null, reveal: is?.reveal ?? false }]
}
