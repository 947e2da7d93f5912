import type { AuthorityClient } from '../authority/protocol/index.ts'
import { describeError } from '../describe-error.ts'
import type { OfflineStation } from './station.ts'

/** After a bundle could not be had, ms. */
const again = 60_000
/** A house full of workstations that came back at once does not ask at once, ms. */
const spread = 10_000
const longest = 2 ** 31 - 1

export interface BundleTimerOptions {
  readonly offline: Pick<OfflineStation, 'refresh' | 'bundle'>
  readonly call: AuthorityClient['call']
  readonly now: () => number
  readonly onTrouble: (what: string, detail: Readonly<Record<string, string>>) => void
}

/** Keeps the bundle new: with every connection, and after a quarter of its life. */
export function createBundleTimer({ offline, call, now, onTrouble }: BundleTimerOptions): {
  /** With a new connection. */
  soon(): void
  /** What is held may let somebody in who must not get in any more. */
  now(): void
  stop(): void
} {
  let timer: NodeJS.Timeout | null = null
  /** A refresh under way of an earlier connection starts no timer any more. */
  let turn = 0

  function at(ms: number, mine: number): void {
    if (mine !== turn) return
    if (timer) clearTimeout(timer)
    timer = setTimeout(() => void refresh(mine), Math.min(ms, longest))
    timer.unref()
  }

  async function refresh(mine: number): Promise<void> {
    let next = again
    try {
      const outcome = await offline.refresh(call, now())
      if (outcome === 'kept' || outcome === 'unchanged') next = quarter()
      // Nothing to refresh; the next connection asks again.
      else if (outcome === 'off') return
      else onTrouble('bundle-refused', { reason: outcome })
    } catch (error) {
      onTrouble('bundle-not-refreshed', describeError(error))
    }
    at(next, mine)
  }

  function quarter(): number {
    const held = offline.bundle
    return held ? (held.bundle.expiresAt - held.bundle.issuedAt) / 4 : again
  }

  return {
    soon() {
      turn += 1
      const held = offline.bundle
      const isFresh = held !== null && now() - held.bundle.issuedAt < quarter()
      at(isFresh ? Math.random() * spread : 0, turn)
    },
    now() {
      turn += 1
      at(0, turn)
    },
    stop() {
      turn += 1
      if (timer) clearTimeout(timer)
      timer = null
    },
  }
}
