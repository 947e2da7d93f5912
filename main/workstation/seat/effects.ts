import type { Call, Request } from '../../authority/protocol/procedures.ts'
import type { SessionId } from '../../authority/protocol/views.ts'
import type { Slot } from './types.ts'

/** A question whose answer comes back as an event with the same number. */
export type Ask = {
  [C in Exclude<Call, 'tap.identify'>]: {
    readonly type: 'ask'
    readonly request: number
    readonly call: C
    readonly params: Request<C>
  }
}[Exclude<Call, 'tap.identify'>]

/** What the authority must know; the driver repeats it after an outage. */
export type Tell = {
  [C in Call]: { readonly type: 'tell'; readonly call: C; readonly params: Request<C> }
}[Call]

export type Effect =
  | Ask
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
  /** What lies on the reader now is not a tap. */
  | { readonly type: 'resync' }
