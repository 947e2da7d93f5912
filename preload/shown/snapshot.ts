import type { Locale, Theme } from '../choices.ts'
import type { ReaderStatus } from './readers.ts'
import type { Screen } from './screen.ts'

/*
 * What the shell shows. Main is trusted here, so these are types, not schemas. Times are in
 * milliseconds of this machine's wall clock (`Date.now()`), ready for a countdown.
 */

export interface Snapshot {
  readonly version: number
  readonly workstation: {
    readonly name: string
    readonly place: string
    /** Two machines use its key; IT has to enrol it anew. */
    readonly copied?: boolean
  }
  readonly locale: Locale
  readonly theme: Theme
  readonly now: number
  readonly authority: {
    readonly state: 'starting' | 'online' | 'offline' | 'failed'
    readonly since: number
    /** The network is down, and this workstation answers by itself: until when people can sign in. */
    readonly alone?: {
      readonly since: number
      readonly until: number
      /** That time has passed: emergency access only. */
      readonly over: boolean
    } | null
  }
  readonly reader: ReaderStatus
  readonly screen: Screen
}
