export interface RefusalLimitOptions {
  readonly now: () => number
  /** Refusals of callers that proved nothing, recorded one by one per minute. */
  readonly perMinute?: number
}

/**
 * Keeps strangers from filling the log: every record is a durable write, and anyone may ask. Within
 * a minute the first refusals are recorded one by one; the number left out stands in the next one.
 */
export const createRefusalLimit = ({ now, perMinute = 60 }: RefusalLimitOptions) => {
  let minute = -1
  let taken = 0
  let left = 0
  return {
    /** Null: do not record. Otherwise the number of refusals that were not recorded before. */
    take(): { readonly unrecorded: number } | null {
      const current = Math.floor(now() / 60_000)
      if (current !== minute) {
        minute = current
        taken = 0
      }
      if (taken >= perMinute) {
        left += 1
        return null
      }
      taken += 1
      const unrecorded = left
      left = 0
      return { unrecorded }
    },
  }
}
export type RefusalLimit = ReturnType<typeof createRefusalLimit>
