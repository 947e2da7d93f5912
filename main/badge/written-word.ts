import { wiegandFormat } from './formats/catalogue.ts'
import { encodeCard, type Word } from './formats/engine.ts'
import { lengthOf, type SiteProfile } from './site-profile.ts'

type Written = Extract<SiteProfile, { cards: 'wiegand' }>

/**
 * The word that a reader wrote as text, as its profile says it writes. What does not fit the
 * profile's length is refused, never cut or filled up.
 */
export function readWrittenWord(
  text: string,
  profile: Written,
):
  | { readonly ok: true; readonly word: Word }
  | { readonly ok: false; readonly reason: 'unreadable' | 'length' | 'layout' } {
  const bits = lengthOf(profile)
  // A number says nothing about its leading zeros.
  if (bits === null) return { ok: false, reason: 'length' }
  switch (profile.written) {
    case 'binary':
      return /^[01]+$/.test(text) ? fitted(BigInt(`0b${text}`), bits, text.length) : unreadable
    case 'hex':
      return /^[0-9a-f]{1,64}$/i.test(text) ? fitted(BigInt(`0x${text}`), bits) : unreadable
    case 'decimal':
      return /^\d{1,78}$/.test(text) ? fitted(BigInt(text), bits) : unreadable
    case 'facility-number':
      return numbers(text, profile)
  }
}

const unreadable = { ok: false, reason: 'unreadable' } as const

const fitted = (value: bigint, bits: number, given = bits) =>
  given !== bits || value >> BigInt(bits) !== 0n
    ? ({ ok: false, reason: 'length' } as const)
    : ({ ok: true, word: { bits, value } } as const)

function numbers(text: string, { format, facilityDigits }: Written) {
  if (format === 'raw' || !/^\d{1,40}$/.test(text)) return unreadable
  const number = text.slice(facilityDigits)
  if (number === '') return { ok: false, reason: 'length' } as const
  try {
    const card = { facility: BigInt(text.slice(0, facilityDigits) || '0'), number: BigInt(number) }
    return { ok: true, word: encodeCard(wiegandFormat(format), card) } as const
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, reason: 'layout' } as const
    throw error
  }
}
