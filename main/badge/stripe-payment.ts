/*
 * Hospitals pay by card at the same kind of reader, and people swipe what they have at hand. Who
 * keeps a card's number, even in a log or as a badge's identity, has taken on PCI DSS 3; so what
 * looks like a payment card (ISO/IEC 7813) is told from a badge before any of it becomes a string.
 */

const code = (character: string) => character.charCodeAt(0)
const [zero, nine, space] = [code('0'), code('9'), code(' ')]
const digits = { least: 13, most: 19 } as const

/** Both tracks with their sentinels, or empty. */
export const isPaymentCard = (track1: Uint8Array, track2: Uint8Array): boolean =>
  isTrack1(track1) || isTrack2(track2)

/** Format B: `%B`, the number, `^`, the holder, `^`. Its letter is of financial cards alone. */
function isTrack1(track: Uint8Array): boolean {
  const separator = track.indexOf(code('^'))
  const number = numberIn(track.subarray(2, separator < 0 ? track.length - 1 : separator))
  if (!number) return false
  return (track[1] === code('B') && separator > 0) || passesLuhn(number)
}

/** `;`, a number with its check digit, `=`, the expiry as YYMM. */
function isTrack2(track: Uint8Array): boolean {
  const separator = track.indexOf(code('='))
  if (separator < 0) return false
  const number = numberIn(track.subarray(1, separator))
  const expiry = track.subarray(separator + 1, separator + 5)
  return number !== null && passesLuhn(number) && expiry.length === 4 && expiry.every(isDigit)
}

const isDigit = (byte: number) => byte >= zero && byte <= nine

/** The digits of a number as long as a payment card's, spaces left out; null: it is none. */
function numberIn(bytes: Uint8Array): Uint8Array | null {
  const number = bytes.filter((byte) => byte !== space)
  if (number.length < digits.least || number.length > digits.most) return null
  return number.every(isDigit) ? number : null
}

/** ISO/IEC 7812-1 annex B. */
function passesLuhn(number: Uint8Array): boolean {
  const sum = number.toReversed().reduce((total, byte, index) => {
    const digit = (byte - zero) * (index % 2 === 0 ? 1 : 2)
    return total + (digit > 9 ? digit - 9 : digit)
  }, 0)
  return sum % 10 === 0
}
