import { fallbackReasons, overrideReasons } from '../reasons.ts'
import type { ReviewShown } from '../../../preload/shown/reviews.ts'
import type { Translate } from '../../ui/strings/translate.ts'

/** A case's reason in words; one that this version does not know is shown as it came. */
export function reviewReason(t: Translate, { kind, reason }: ReviewShown): string {
  if (kind === 'fallback') {
    const known = fallbackReasons.find((r) => r === reason)
    return known === undefined ? reason : t(`fallback.reason.${known}`)
  }
  const known = overrideReasons.find((r) => r === reason)
  return known === undefined ? reason : t(`override.reason.${known}`)
}
