import type { Call, Request } from '../../authority/protocol/procedures.ts'
import type { SessionId } from '../../authority/protocol/views.ts'
import type { Slot } from './types.ts'

/** Questions about a badge, which the rules do not know. */
type BadgeCall = 'badge.begin' | 'badge.confirm' | 'readers.test'
type PlainCall = Exclude<Call, 'tap.identify' | BadgeCall>

/** A question whose answer comes back as an event with the same number. */
export type Ask = {
  [C in PlainCall]: {
    readonly type: 'ask'
    readonly request: number
    readonly call: C
    readonly params: Request<C>
  }
}[PlainCall]

/** The same about a badge: the driver holds it under `held` and adds it to the question. */
export type AskBadge = {
  [C in BadgeCall]: {
    readonly type: 'ask-badge'
    readonly request: number
    readonly call: C
    readonly held: string
    readonly params: Omit<Request<C>, 'badge' | 'refusedAtEnrolment'>
  }
}[BadgeCall]

/** What the authority must know; the driver repeats it after an outage. */
export type Tell = {
  [C in Call]: { readonly type: 'tell'; readonly call: C; readonly params: Request<C> }
}[Call]

export type Effect =
  | Ask
  | AskBadge
  | Tell
  /** Ask whose badge it was; the driver holds the badge of the tap until then. */
  | {
      readonly type: 'identify'
      readonly request: number
      readonly tapId: string
      readonly reader: string
      readonly purpose: 'sign-in' | 'witness'
    }
  | {
      readonly type: 'open-workspace'
      readonly sessionId: SessionId
      readonly slot: Slot
      readonly applications: readonly string[]
    }
  /** A new launch handle for one application that is open already. */
  | {
      readonly type: 'relaunch'
      readonly sessionId: SessionId
      readonly application: string
    }
  /** Close the views and clear the slot; answered by `workspace.cleared`. */
  | { readonly type: 'close-workspace'; readonly sessionId: SessionId; readonly slot: Slot }
  | { readonly type: 'feedback'; readonly reader: string; readonly signal: 'accepted' | 'refused' }
  /** Readers explain what they see instead of reporting taps, or report taps again. */
  | { readonly type: 'inspect'; readonly on: boolean; readonly reveal: boolean }
  /** What lies on the reader now is not a tap. */
  | { readonly type: 'resync' }
