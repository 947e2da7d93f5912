export type ReaderStatus =
  | 'starting'
  | 'ready'
  | 'missing'
  | 'unplugged'
  | 'silent'
  | 'babbling'
  | 'driver-missing'
  | 'permission-denied'

export interface ReaderShown {
  readonly reader: string
  readonly model: string
  readonly status: ReaderStatus
  /** What to do next; empty when nothing. English, for the engineer. */
  readonly detail: string
}

/** The last tap on the test page, step by step (main/badge/inspection.ts). */
export interface InspectionShown {
  readonly model: string
  readonly at: number
  readonly raw: string
  readonly transforms: readonly string[]
  readonly candidates: readonly {
    readonly format: string
    readonly facility: string
    readonly number: string
    readonly parity: boolean
  }[]
  readonly profile: string
  readonly result:
    | {
        readonly outcome: 'badge'
        readonly identity: string
        readonly refusedAtEnrolment: 'random' | 'pupi' | 'anticollision' | null
      }
    | {
        readonly outcome: 'no-badge'
        readonly reason:
          | 'degenerate'
          | 'parity'
          | 'parity-stripped'
          | 'layout'
          | 'length'
          | 'incomplete'
          | 'checksum'
          | 'unreadable'
          | 'no-profile'
      }
  /** What it is to the authority; null while it is being asked, or where there is no badge. */
  readonly known: {
    readonly tag: string
    readonly status: 'unknown' | 'active' | 'loaner' | 'lost' | 'detached' | 'conflicting' | 'ended'
  } | null
}
