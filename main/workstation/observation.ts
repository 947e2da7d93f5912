import type { Screen } from '../../preload/shown/screen.ts'
import type { SessionId } from '../authority/protocol/views.ts'
import type { TapTiming } from './timing.ts'

/**
 * What the agent does, for a timeline, a benchmark or a log. Times `at` are monotonic milliseconds
 * of this machine (`monotonicNow`). No names, no badges, no addresses.
 */
export type Observation =
  | {
      readonly type: 'screen'
      readonly at: number
      readonly version: number
      readonly screen: Screen['name']
    }
  /** The shell has this version on the glass. */
  | { readonly type: 'painted'; readonly at: number; readonly version: number }
  /** Whose workspace is on the glass; `null`: none any more. */
  | {
      readonly type: 'workspace'
      readonly at: number
      readonly sessionId: SessionId | null
      readonly slot: number | null
    }
  | {
      readonly type: 'application'
      readonly at: number
      readonly sessionId: SessionId
      readonly application: string
      readonly state: 'opening' | 'ready' | 'failed'
      /** Since its launch was asked for. */
      readonly ms: number
    }
  | { readonly type: 'tap'; readonly at: number; readonly tap: TapTiming }
  | {
      readonly type: 'slot-cleared'
      readonly at: number
      readonly slot: number
      readonly sessionId: SessionId
      readonly verified: boolean
      readonly ms: number
    }
  | {
      readonly type: 'process'
      readonly at: number
      readonly process: 'reader' | 'authority'
      readonly state: 'started' | 'ready' | 'failed' | 'exited'
      readonly detail: string
    }
  | { readonly type: 'refused'; readonly at: number; readonly what: string }

export type Observe = (observation: Observation) => void
