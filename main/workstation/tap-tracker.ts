import type { SeatEvent } from './seat/events.ts'
import type { Phase, SeatState } from './seat/types.ts'
import { createTapClock, tapDetail } from './timing.ts'
import type { TapTiming } from './timing.ts'

/** One step of the seat, as far as timing needs it. */
export interface Followed {
  readonly event: SeatEvent
  readonly before: SeatState
  readonly after: SeatState
  /** Version of the shell's screen after the step. */
  readonly version: number
  /** ms that the rules took. */
  readonly decided: number
  readonly shown: string | null
  readonly now: number
}

const isProof = (event: SeatEvent): boolean =>
  event.type === 'answer' &&
  (event.call === 'session.start' ||
    event.call === 'session.resume' ||
    event.call === 'session.take' ||
    event.call === 'fallback.approve')

const isWaiting = ({ name, ...phase }: Phase): boolean =>
  name === 'verifying' && 'proof' in phase && phase.proof.step === 'waiting'

const isLockNow = (phase: Phase): boolean =>
  phase.name === 'active' && phase.banner?.code === 'lock-now'

/** Reads the legs of a tap off the steps of the seat; the rules themselves know no stopwatch. */
export const createTapTracker = (
  report: (timing: TapTiming, detail: Record<string, string | number>) => void,
) => {
  const clock = createTapClock((timing) => report(timing, tapDetail(timing)))

  const follow = ({ event, before, after, version, decided, shown, now }: Followed): void => {
    if (event.type === 'tap') {
      if (before.phase.name === 'active' && after.phase.name === 'identifying')
        clock.covered(now, version)
      const ignored = after.phase === before.phase
      if (ignored) return clock.ends('not-taken', version)
      // In the panel that adds a badge, a tap is no way in or out.
      if (after.phase.name === 'active')
        return clock.ends(isLockNow(after.phase) ? 'lock-now' : 'not-taken', version)
      if (after.phase.name === 'shielded' || after.phase.name === 'locked')
        return clock.ends('left', version)
      return
    }
    if (event.type === 'answer' && event.call === 'tap.identify') {
      clock.mark('resolved', now)
      clock.policy(decided)
      if (event.value.outcome === 'refused') return clock.ends('not-taken', version)
      if (after.phase.name === 'active') return clock.ends('lock-now', version)
    }
    if (isWaiting(after.phase)) clock.mark('asked', now)
    if (event.type === 'call' && event.name === 'passkey.assert') clock.mark('asserted', now)
    if (isProof(event) && before.phase.name !== after.phase.name) {
      clock.mark('verified', now)
      clock.policy(decided)
    }
    if (event.type === 'application' && event.state !== 'opening')
      clock.application(event.state === 'ready' ? now : null)
    if (shown !== null && after.phase.name === 'active') {
      clock.mark('shown', now)
      const resumed = event.type === 'answer' && event.call === 'session.resume'
      const { sessionId } = after.phase
      // A reviewer may have no application at all: nothing to wait for.
      const opens = after.sessions.some(
        ({ view, applications }) => view.sessionId === sessionId && applications.length > 0,
      )
      const fresh = before.phase.name === 'opening' && opens
      if (before.phase.name !== 'active')
        clock.ends(resumed ? 'resumed' : 'signed-in', version, fresh)
    }
    const wentHome =
      before.phase.name !== after.phase.name &&
      (after.phase.name === 'locked' || after.phase.name === 'shielded')
    if (wentHome) clock.ends('left', version)
  }

  return { ...clock, follow }
}
