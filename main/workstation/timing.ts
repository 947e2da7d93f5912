/** One tap by leg (R8); milliseconds, `null` where the tap did not go there. */
export interface TapTiming {
  readonly tapId: string
  readonly reader: string
  readonly outcome: 'resumed' | 'signed-in' | 'lock-now' | 'not-taken' | 'left'
  /** Last byte at the reader to the message in main. */
  readonly read: number
  /** To the cover over somebody else's open work, and to its paint. */
  readonly cover: number | null
  readonly coverPainted: number | null
  /** Whose badge it is, at the authority. */
  readonly resolve: number | null
  /** The person and their authenticator. */
  readonly person: number | null
  /** Assertion or tap grace, at the authority. */
  readonly verify: number | null
  /** The rules of the seat, on the answer. */
  readonly policy: number | null
  /** From the answer to visible views. */
  readonly switch: number | null
  /** From the answer to the paint of the final screen. */
  readonly painted: number | null
  /** A new workspace: from the answer to its first application. */
  readonly application: number | null
  /** Last byte to the paint of the final screen, the person's own time not taken out. */
  readonly total: number | null
}

type Mark =
  | 'covered'
  | 'coverPainted'
  | 'resolved'
  | 'asked'
  | 'asserted'
  | 'verified'
  | 'shown'
  | 'application'
  | 'painted'

interface Tap {
  readonly tapId: string
  readonly reader: string
  readonly at: number
  readonly received: number
  readonly marks: Partial<Record<Mark, number>>
  policy: number | null
  outcome: TapTiming['outcome'] | null
  /** The shell version that ends the tap; the cover has one too. */
  finalVersion: number | null
  /** A new workspace is not done before its first application is. */
  awaitsApplication: boolean
  coverVersion: number | null
}

const between = (from: number | undefined, to: number | undefined): number | null =>
  from === undefined || to === undefined ? null : Math.max(0, to - from)

const timingOf = ({ tapId, reader, at, received, marks, policy, outcome }: Tap): TapTiming => ({
  tapId,
  reader,
  outcome: outcome ?? 'left',
  read: Math.max(0, received - at),
  cover: between(at, marks.covered),
  coverPainted: between(at, marks.coverPainted),
  resolve: between(received, marks.resolved),
  person: between(marks.asked, marks.asserted),
  verify: between(marks.asserted ?? marks.resolved, marks.verified),
  policy,
  switch: between(marks.verified, marks.shown),
  painted: between(marks.verified ?? marks.resolved, marks.painted),
  application: between(marks.verified, marks.application),
  total: between(at, marks.painted),
})

/**
 * Follows the tap in progress from its last byte to the painted screen. All times are monotonic
 * milliseconds and passed in. A tap is reported once, when its end is painted or another begins.
 */
export const createTapClock = (report: (timing: TapTiming) => void) => {
  let tap: Tap | null = null
  const finish = () => {
    if (tap !== null) report(timingOf(tap))
    tap = null
  }
  const mark = (name: Mark, now: number) => {
    if (tap !== null) tap.marks[name] ??= now
  }
  return {
    begin(
      of: { readonly tapId: string; readonly reader: string; readonly at: number },
      now: number,
    ) {
      finish()
      tap = {
        ...of,
        received: now,
        marks: {},
        policy: null,
        outcome: null,
        finalVersion: null,
        awaitsApplication: false,
        coverVersion: null,
      }
    },
    mark,
    covered(now: number, version: number) {
      mark('covered', now)
      if (tap !== null) tap.coverVersion ??= version
    },
    /** The rules took this long on the answer that decides. */
    policy(ms: number) {
      if (tap !== null) tap.policy = ms
    },
    /** What came of the tap; done when this version of the shell is on the glass. */
    ends(outcome: TapTiming['outcome'], version: number, awaitsApplication = false) {
      if (tap === null || tap.outcome !== null) return
      tap.outcome = outcome
      tap.finalVersion = version
      tap.awaitsApplication = awaitsApplication && tap.marks.application === undefined
    },
    /** The first application of a new workspace is there, or will not come: `null`. */
    application(now: number | null) {
      if (tap === null) return
      if (now !== null) mark('application', now)
      tap.awaitsApplication = false
      if (tap.marks.painted !== undefined) finish()
    },
    painted(version: number, now: number) {
      if (tap === null) return
      if (tap.coverVersion !== null && version >= tap.coverVersion) mark('coverPainted', now)
      if (tap.finalVersion === null || version < tap.finalVersion) return
      mark('painted', now)
      if (!tap.awaitsApplication) finish()
    },
    dispose: finish,
  }
}

export type TapClock = ReturnType<typeof createTapClock>

/** For the record: whole tenths of a millisecond, no nulls. */
export const tapDetail = (timing: TapTiming): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(timing)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [
        name,
        typeof value === 'number' ? Math.round(value * 10) / 10 : String(value),
      ]),
  )
