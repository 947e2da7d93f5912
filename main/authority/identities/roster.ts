import { z } from 'zod'
import { type Shift, shiftSchema } from '../protocol/index.ts'

export type { Shift } from '../protocol/index.ts'

/** People come early and stay late: so much around a shift belongs to it, ms. */
export const rosterMargin = 30 * 60_000

/** The shifts in `people.roster`; null where none are known, which is not the same as none. */
export const shiftsOf = (roster: string | null): readonly Shift[] | null =>
  roster === null ? null : z.array(shiftSchema).parse(JSON.parse(roster))

/** Whether somebody whose shifts are known has none now; the ends and the margin belong to a shift. */
export function isOffShift(shifts: readonly Shift[] | null, now: number): boolean {
  if (shifts === null) return false
  return !shifts.some(({ from, to }) => from - rosterMargin <= now && now <= to + rosterMargin)
}

/** When a loaner ends that is handed out now (R10): after `life` ms, or with the shift that runs. */
export function loanerEnd({
  now,
  life,
  shifts,
}: {
  readonly now: number
  readonly life: number
  readonly shifts: readonly Shift[] | null
}): number {
  const running = (shifts ?? []).filter(({ from, to }) => from <= now && now < to)
  const ends = running.map(({ to }) => to)
  return ends.length === 0 ? now + life : Math.min(now + life, Math.max(...ends))
}
