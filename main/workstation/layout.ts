import type { Rectangle } from 'electron'
import { applicationRoom, chrome } from '../../preload/application-room.ts'
import { bannerOf } from './seat/banner.ts'
import type { SeatApplication, SeatSession, SeatState } from './seat/types.ts'

/** What is in front, as far as geometry needs it. */
export interface Arrangement {
  readonly applications: readonly Pick<SeatApplication, 'id'>[]
  readonly focused: string | null
  readonly banner: boolean
  /** A frame all around. */
  readonly emergency: boolean
}

export const arrangementOf = (state: SeatState, session: SeatSession): Arrangement => {
  const { phase } = state
  const emergency = session.view.kind === 'fallback' || session.view.override !== null
  return {
    applications: session.applications,
    focused: session.focused,
    banner: phase.name === 'active' && bannerOf(state, phase, 0) !== null,
    emergency,
  }
}

/** Of the width, the first application gets this much beside the second. */
const share = 0.6

/** Where each application lies, in CSS pixels of the window's content; absent: not shown. */
export const layOut = (
  window: { readonly width: number; readonly height: number },
  { applications, focused, banner, emergency }: Arrangement,
): ReadonlyMap<string, Rectangle> => {
  const room = applicationRoom({ ...window, emergency, banner })
  const [first, second, ...more] = applications
  const fits = window.width >= chrome.sideBySide && second !== undefined && more.length === 0
  if (first === undefined) return new Map()
  if (!fits) {
    const shown = applications.find(({ id }) => id === focused) ?? first
    return new Map([[shown.id, { ...room }]])
  }
  const left = Math.round(room.width * share)
  return new Map([
    [first.id, { ...room, width: left }],
    [second.id, { ...room, x: room.x + left, width: room.width - left }],
  ])
}
