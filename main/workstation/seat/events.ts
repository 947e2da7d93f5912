import type { z } from 'zod/mini'
import type { Calls, CallName } from '../../../preload/contract.ts'
import type { FaultCode } from '../../../preload/shown/fault.ts'
import type { AuthorityError } from '../../authority/protocol/call-error.ts'
import type { AuthorityEvent } from '../../authority/protocol/events.ts'
import type { Call, Response } from '../../authority/protocol/procedures.ts'
import type { SessionId } from '../../authority/protocol/views.ts'
import type { Inspection } from '../../badge/inspection.ts'
import type { ReaderState } from '../../badge/reader-messages.ts'
import type { Slot } from './types.ts'

/** A call of the shell, parsed. `shell.ready`, `painted` and `ping` end in the driver. */
export type SeatCallName = Exclude<CallName, 'shell.ready' | 'shell.painted' | 'shell.ping'>
export type SeatCall = {
  [C in SeatCallName]: {
    readonly type: 'call'
    readonly name: C
    readonly input: z.output<Calls[C]>
  }
}[SeatCallName]

export type SeatAnswer = {
  [C in Call]: {
    readonly type: 'answer'
    readonly request: number
    readonly call: C
    readonly value: Response<C>
  }
}[Call]

export interface SeatFailure {
  readonly type: 'failure'
  readonly request: number
  readonly call: Call
  readonly code: AuthorityError['code']
}

export interface SeatTap {
  readonly type: 'tap'
  readonly tapId: string
  readonly reader: string
  /** Fingerprint of the badge, keyed per run; the number itself never enters the state. */
  readonly badge: string
}

/** What a phase decides about. */
export type PhaseEvent =
  | SeatTap
  | { readonly type: 'two-badges'; readonly reader: string }
  | SeatCall
  | SeatAnswer
  | SeatFailure
  /** Key, pointer or touch in any view. */
  | { readonly type: 'activity' }
  | { readonly type: 'workspace.opened'; readonly sessionId: SessionId }
  /** The machine sleeps or its own lock screen came up. */
  | { readonly type: 'machine.leaving' }

/** What is so whatever the phase. */
export type FactEvent =
  /** What the authority says at the beginning of a connection, before it was told what waited. */
  | { readonly type: 'authority.hello'; readonly hello: Response<'agent.hello'> }
  /** The same once it was. */
  | { readonly type: 'authority.online'; readonly hello: Response<'agent.hello'> }
  | { readonly type: 'authority.offline' }
  | { readonly type: 'authority.event'; readonly event: AuthorityEvent }
  | { readonly type: 'fault'; readonly code: FaultCode; readonly reference: string }
  | {
      readonly type: 'reader'
      readonly reader: string
      readonly model: string
      readonly state: ReaderState
      readonly detail: string
    }
  | {
      readonly type: 'application'
      readonly sessionId: SessionId
      readonly application: string
      readonly state: 'opening' | 'ready' | 'failed'
      /** It failed because the authority did not answer; the launch began `ago` ms before. */
      readonly unanswered?: { readonly ago: number }
    }
  | {
      readonly type: 'workspace.cleared'
      readonly sessionId: SessionId
      readonly slot: Slot
      readonly verified: boolean
    }
  | { readonly type: 'machine.back' }

/** What a reader saw while it was asked to explain instead of reporting taps. */
export interface SeatInspected {
  readonly type: 'inspection'
  /** The driver holds the badge under it, if there was one. */
  readonly held: string | null
  readonly inspection: Inspection
}

export type SeatEvent = { readonly type: 'tick' } | PhaseEvent | FactEvent | SeatInspected
