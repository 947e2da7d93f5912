import { canonicalBadge, parseCanonicalBadge, wiegandTechnology } from '../../badge/canonical.ts'
import { findFormat } from '../../badge/formats/catalogue.ts'
import type { AuthorityContext } from '../context.ts'
import { technologyOf, unfitness } from '../identities/badge-fitness.ts'
import { badgeTag } from '../identities/badge-tag.ts'
import { isObject, type JsonObject } from './attributes.ts'
import { invalidValue } from './values.ts'

/**
 * Turns what a client wrote of a badge into its tag, the only form that goes any further: an identity
 * (docs/readers.md) as a string or as `value`, or `format`, `facility` and `number` of a Wiegand card.
 * Throws a ScimError that does not repeat it.
 */
export function sealBadge(badgeKey: AuthorityContext['badgeKey'], badge: unknown): JsonObject {
  const identity = identityOf(badge)
  if (identity === null || !parseCanonicalBadge(identity))
    throw invalidValue('A badge is an identity, or a format with facility and number.')
  const why = unfitness(identity, null)
  if (why !== null) throw invalidValue(`A badge of this kind identifies nobody (${why}).`)
  return { tag: badgeTag(badgeKey, identity), technology: technologyOf(identity) }
}

function identityOf(badge: unknown): string | null {
  if (typeof badge === 'string') return badge
  if (!isObject(badge)) return null
  const { value, format, facility = 0, number } = badge
  if (typeof value === 'string') return value
  const found = typeof format === 'string' ? findFormat(format) : null
  if (found?.state !== 'documented' || !isWhole(facility) || !isWhole(number)) return null
  const { name, bits } = found.format
  try {
    return canonicalBadge({
      technology: wiegandTechnology,
      format: name,
      bits,
      facility: BigInt(facility),
      number: BigInt(number),
    })
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

const isWhole = (value: unknown): value is string | number =>
  typeof value === 'number'
    ? Number.isSafeInteger(value) && value >= 0
    : typeof value === 'string' && /^\d{1,20}$/.test(value)
