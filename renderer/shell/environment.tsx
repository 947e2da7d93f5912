import { createContext, useContext } from 'react'
import type { CallInput, CallName, LanyardBridge } from '../../preload/contract.ts'
import type { Snapshot } from '../../preload/shown/snapshot.ts'
import type { TimeFormat } from '../ui/format.ts'
import type { Translate } from '../ui/strings/translate.ts'
import type { Ceremonies } from './ceremonies.ts'

/** What the page stands on; the gallery hands in a still clock and a bridge that goes nowhere. */
export interface Environment {
  readonly bridge: LanyardBridge
  /** Unix milliseconds. */
  readonly clock: () => number
  readonly ceremonies: Ceremonies
}

/** What every screen needs at hand. */
export interface Shell extends Environment {
  readonly snapshot: Snapshot
  readonly t: Translate
  readonly time: TimeFormat
  /** Sends a call; a refusal is worded at the foot of the screen. */
  readonly act: <C extends CallName>(name: C, input: CallInput<C>) => void
}

export const ShellContext = createContext<Shell | null>(null)

/** For components inside `App` only. */
export function useShell(): Shell {
  const shell = useContext(ShellContext)
  if (shell === null) throw new Error('useShell: got no shell, expected to be inside App')
  return shell
}
