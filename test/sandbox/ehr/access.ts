import { listOf } from '../shared/people.ts'
import type { User } from '../shared/relying-party.ts'

/** What a person may do with one patient's chart at `now` (ms), by the authority's claims alone. */
export type Access =
  | { readonly kind: 'refused' }
  | { readonly kind: 'listed'; readonly writes: boolean }
  /** The glass is broken for this patient; `until` in ms. */
  | {
      readonly kind: 'emergency'
      readonly writes: boolean
      readonly until: number
      readonly reason: string
    }

/** `emergency-treatment` as words. */
const reasonText = (reason: string | undefined): string =>
  reason === undefined || reason === 'other' ? 'emergency' : reason.replaceAll('-', ' ')

export const accessTo = (user: User, patient: string, now: number): Access => {
  const writes = user.scope_level === 'full'
  const until = (user.override_until ?? 0) * 1000
  if (user.purpose_of_use === 'BTG' && user.patient === patient && until > now)
    return { kind: 'emergency', writes, until, reason: reasonText(user.override_reason) }
  return listOf(user.sub).includes(patient) ? { kind: 'listed', writes } : { kind: 'refused' }
}

/** Changes when the page must be drawn anew: another context, purpose or scope. */
export const revisionOf = ({
  patient,
  purpose_of_use,
  override_until,
  scope_level,
}: User): string => [patient ?? '', purpose_of_use, override_until ?? '', scope_level].join('|')
