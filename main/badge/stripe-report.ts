import { isPaymentCard } from './stripe-payment.ts'
import type { Reading } from './reader-core.ts'

/*
 * The report of MagTek's swipe readers in HID mode, unencrypted (USB HID SureSwipe technical
 * reference D99875191, section 4): decode status of tracks 1 to 3, their lengths, the encode type,
 * and 110 bytes for each track. The reader has checked parity and LRC, and leaves the sentinels on.
 */
export const stripeBytes = 337
const trackBytes = 110
const offsets = { status: 0, length: 3, track1: 7, track2: 117 } as const

const code = (character: string) => character.charCodeAt(0)
const tracks = {
  1: { start: code('%'), separator: code('^'), badge: /^[\x20-\x5a]+$/ },
  2: { start: code(';'), separator: code('='), badge: /^\d+$/ },
} as const
const end = code('?')

const malformed: Reading = { type: 'malformed' }

/**
 * A swipe: what stands before the first separator of track 2, or of track 1 where there is no
 * track 2. A track that could not be decoded makes the whole swipe malformed, as the other track may
 * hold another number. A payment card is malformed, too, and the report is overwritten.
 */
export function readStripe(report: Uint8Array): Reading {
  if (report.length !== stripeBytes) return malformed
  const status = report.subarray(offsets.status, offsets.length)
  const [length1 = 0, length2 = 0] = report.subarray(offsets.length)
  if (status.some((bits) => bits !== 0)) return malformed
  if (length1 > trackBytes || length2 > trackBytes) return malformed
  const track1 = report.subarray(offsets.track1, offsets.track1 + length1)
  const track2 = report.subarray(offsets.track2, offsets.track2 + length2)
  if (isPaymentCard(track1, track2)) {
    report.fill(0)
    return malformed
  }
  const badge = length2 > 0 ? badgeOn(track2, tracks[2]) : badgeOn(track1, tracks[1])
  return badge === null
    ? malformed
    : { type: 'card', data: { type: 'text', medium: 'MAGSTRIPE', text: badge } }
}

/** Null: there are no sentinels, or nothing between them that is a badge. */
function badgeOn(
  track: Uint8Array,
  { start, separator, badge }: (typeof tracks)[keyof typeof tracks],
): string | null {
  if (track[0] !== start || track.indexOf(end) !== track.length - 1) return null
  const first = track.indexOf(separator)
  const text = Buffer.from(track.subarray(1, first < 0 ? -1 : first)).toString('latin1')
  return badge.test(text) ? text : null
}
