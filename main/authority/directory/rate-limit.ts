/**
 * A bucket of `burst` requests per key that fills by `perSecond`. `take` returns 0, or after how many
 * whole seconds to come again. Keys are few: the names of tokens.
 */
export function createRateLimit({
  burst,
  perSecond,
  now,
}: {
  readonly burst: number
  readonly perSecond: number
  readonly now: () => number
}): { take(key: string): number } {
  const buckets = new Map<string, { level: number; at: number }>()
  return {
    take(key) {
      const at = now()
      const bucket = buckets.get(key) ?? { level: burst, at }
      const level = Math.min(burst, bucket.level + ((at - bucket.at) / 1000) * perSecond)
      const allowed = level >= 1
      buckets.set(key, { level: allowed ? level - 1 : level, at })
      return allowed ? 0 : Math.max(1, Math.ceil((1 - level) / perSecond))
    },
  }
}
