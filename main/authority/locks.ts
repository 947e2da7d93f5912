import type { WriteOptions } from '../store/port.ts'

/**
 * For a write that looks at nothing but one person (badges, passkeys, sessions and what hangs on
 * them) and one workstation (taps, challenges): others go on beside it. All that looks at more
 * names nothing, and runs alone.
 */
export const lockOf = ({
  personId,
  workstationId,
}: {
  readonly personId: string | null
  readonly workstationId: string
}): Pick<WriteOptions, 'lock'> => ({
  lock: [`workstation:${workstationId}`, ...(personId === null ? [] : [`person:${personId}`])],
})
