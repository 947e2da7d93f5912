/** Failed and good readings in slots of ten minutes, the newest last; a day of them. */
export interface QualityState {
  readonly slots: readonly {
    readonly startedAt: number
    readonly failures: number
    readonly readings: number
  }[]
  readonly lastFailureAt: number | null
  readonly toldAt: number | null
}

export const initialQuality: QualityState = { slots: [], lastFailureAt: null, toldAt: null }

const slotMs = 600_000
const recentMs = 3_600_000
const dayMs = 86_400_000
/** A reader that fails again and again over one card fails once. */
const episodeMs = 2_000
/** Fewer failures in an hour are everyday life. */
const leastFailures = 5
const leastRate = 0.2
const rise = 3

export const countReading = (state: QualityState, now: number): QualityState =>
  count(state, now, { failures: 0, readings: 1 })

export function countFailure(state: QualityState, now: number): QualityState {
  const same = state.lastFailureAt !== null && now - state.lastFailureAt < episodeMs
  const counted = same ? state : count(state, now, { failures: 1, readings: 0 })
  return { ...counted, lastFailureAt: now }
}

/**
 * Whether a reader has become worse: five failures and a fifth of all readings in the last hour, and
 * three times the share of the day before. Told once an hour; null: nothing to tell.
 */
export function risen(
  state: QualityState,
  now: number,
): {
  readonly state: QualityState
  readonly counted: { readonly failures: number; readonly readings: number }
} | null {
  if (state.toldAt !== null && now - state.toldAt < recentMs) return null
  const recent = sum(state.slots.filter(({ startedAt }) => now - startedAt < recentMs))
  const before = sum(state.slots.filter(({ startedAt }) => now - startedAt >= recentMs))
  if (recent.failures < leastFailures || share(recent) < leastRate) return null
  if (share(recent) < rise * share(before)) return null
  return { state: { ...state, toldAt: now }, counted: recent }
}

function count(
  state: QualityState,
  now: number,
  more: { readonly failures: number; readonly readings: number },
): QualityState {
  const slots = state.slots.filter(({ startedAt }) => now - startedAt < dayMs)
  const last = slots.at(-1)
  const current =
    last && now - last.startedAt < slotMs ? last : { startedAt: now, failures: 0, readings: 0 }
  return {
    ...state,
    slots: [
      ...slots.filter((slot) => slot !== current),
      {
        startedAt: current.startedAt,
        failures: current.failures + more.failures,
        readings: current.readings + more.readings,
      },
    ],
  }
}

const sum = (slots: QualityState['slots']) => ({
  failures: slots.reduce((total, { failures }) => total + failures, 0),
  readings: slots.reduce((total, { readings }) => total + readings, 0),
})

const share = ({ failures, readings }: { failures: number; readings: number }): number =>
  failures === 0 ? 0 : failures / (failures + readings)
