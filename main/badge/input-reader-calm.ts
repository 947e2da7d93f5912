import type { ReaderCore } from './reader-core.ts'

/** A little more than the time over which health is judged. */
const calmMs = 3_100

/**
 * For readers that speak only when a badge comes: tells the core that nothing came for a while, so
 * that one that babbled is ready again before the next badge.
 */
export function createCalm(core: Pick<ReaderCore, 'health' | 'weigh'>) {
  let timer: NodeJS.Timeout | undefined
  return {
    /** Something was read. */
    stir() {
      clearTimeout(timer)
      if (core.health !== 'babbling') return
      timer = setTimeout(() => core.weigh({ type: 'answered', badge: null }), calmMs)
    },
    stop() {
      clearTimeout(timer)
    },
  }
}
