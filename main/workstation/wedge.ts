import type { BaseWindow, WebContents } from 'electron'
import { createWedgeDecoder } from '../badge/wedge-decoder.ts'
import type { WedgeKey } from '../badge/wedge-decoder.ts'
import type { WedgeSetting } from '../badge/wedge.ts'
import type { PhaseName } from './seat/types.ts'

export interface WedgeOptions {
  readonly setting: WedgeSetting
  /** The shell's; the views of applications are never listened to. */
  readonly contents: Pick<WebContents, 'on' | 'off'>
  readonly window: Pick<BaseWindow, 'on' | 'off'>
  readonly phase: () => PhaseName
  /** `text` is as typed: what badge it is, and whether it is one, is not known. `at` as in `now`. */
  readonly onRead: (read: { readonly text: string; readonly at: number }) => void
  /** Monotonic, ms. */
  readonly now: () => number
}

/** Screens that have nothing to type into; everywhere else keys are the person's alone. */
const listening: ReadonlySet<PhaseName> = new Set(['locked', 'shielded'])

/**
 * Hears a reader that types, on the lock screen and the shield, and keeps its keys from the page.
 * Returns the end of listening.
 */
export const watchWedge = (options: WedgeOptions): (() => void) => {
  const { setting, contents, window, phase, onRead, now } = options
  const decoder = createWedgeDecoder(setting)
  let last: PhaseName | null = null

  const drop = () => decoder.drop()
  const onKey = (event: Pick<Electron.Event, 'preventDefault'>, input: Electron.Input) => {
    const name = phase()
    if (name !== last) drop()
    last = name
    if (!listening.has(name)) return
    const key = keyOf(input, now())
    if (key === null) return
    const answer = decoder.feed(key)
    if (answer === 'pass') return
    event.preventDefault()
    if (answer !== 'swallow') onRead({ text: answer.read, at: key.at })
  }

  contents.on('before-input-event', onKey)
  window.on('blur', drop)
  return () => {
    contents.off('before-input-event', onKey)
    window.off('blur', drop)
  }
}

const keyOf = (
  { type, code, isAutoRepeat, shift, control, alt, meta }: Electron.Input,
  at: number,
): WedgeKey | null => {
  if (type !== 'keyDown' && type !== 'keyUp') return null
  const held = { shift, control, alt, meta }
  const modifiers = (['shift', 'control', 'alt', 'meta'] as const).filter((name) => held[name])
  return { type, code, isAutoRepeat, modifiers, at }
}
