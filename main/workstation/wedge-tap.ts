import { canonicalBadge, unreadTechnology } from '../badge/canonical.ts'
import type { ReaderIdentity } from '../badge/card-data.ts'
import { identify } from '../badge/identify.ts'
import type { ReaderMessage } from '../badge/reader-messages.ts'
import type { Site } from '../badge/select-profile.ts'

/** The reader that types, among the readers of the seat. */
export const wedgeReader = 'wedge'

const identity: ReaderIdentity = {
  kind: 'wedge',
  model: 'Keyboard wedge',
  vendorId: null,
  productId: null,
  name: '',
}

/**
 * The tap that typed characters are at this site. Characters that no profile reads are a badge that
 * nobody has, so that the screen and the record say what they say of any other unknown badge.
 */
export function wedgeTap(
  { text, at }: { readonly text: string; readonly at: number },
  site: Site,
): Extract<ReaderMessage, { type: 'tap' }> {
  const found = identify({ type: 'text', medium: 'PRINTED', text }, identity, site)
  const tap = { type: 'tap', reader: wedgeReader, at } as const
  if (found.ok) {
    const { badge, refusedAtEnrolment } = found
    return { ...tap, badge, refusedAtEnrolment }
  }
  const bytes = Buffer.from(text, 'latin1')
  const value = BigInt(`0x${bytes.toString('hex')}`)
  const bits = 8 * bytes.length
  const badge = canonicalBadge({ technology: unreadTechnology, format: 'RAW', bits, value })
  return { ...tap, badge, refusedAtEnrolment: null }
}
