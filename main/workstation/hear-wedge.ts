import type { BaseWindow, WebContents } from 'electron'
import type { Policy } from '../policy/settings.ts'
import type { SeatDriver } from './seat-driver.ts'
import { wedgeReader, wedgeTap } from './wedge-tap.ts'
import { watchWedge } from './wedge.ts'

interface HearWedgeOptions {
  readonly contents: WebContents
  readonly window: BaseWindow
  readonly driver: Pick<SeatDriver, 'dispatch' | 'tap' | 'state'>
  readonly now: () => number
}

/** A reader that types, where the site has one. Returns the end of listening. */
export const hearWedge = (
  policy: Policy,
  { contents, window, driver, now }: HearWedgeOptions,
): (() => void) => {
  const setting = policy['badge.wedge']
  if (setting === null) return () => undefined
  const site = { format: policy['badge.format'], profiles: policy['badge.profiles'] }
  driver.dispatch({
    type: 'reader',
    reader: wedgeReader,
    state: 'ready',
    model: 'Keyboard wedge',
    detail: 'Heard on the lock screen only; it cannot be tested here.',
  })
  return watchWedge({
    setting,
    contents,
    window,
    phase: () => driver.state.phase.name,
    onRead: (read) => driver.tap(wedgeTap(read, site)),
    now,
  })
}
