import type { CardBuffer, Transforms } from './pcprox-protocol.ts'
import type { Word } from './wiegand.ts'

/**
 * The word as the card sent it (less stripped bits), from a buffer that the reader's configuration
 * may have inverted, then bit-reversed, then byte-reversed. Null when bits are set beyond the
 * count. The order of the reader's own steps is not documented; it is assumed here.
 */
export function undoTransforms(buffer: CardBuffer, transforms: Transforms): Word | null {
  const used = buffer.bytes.slice(0, Math.ceil(buffer.bits / 8))
  if (transforms.reverseBytes) used.reverse()
  let value = 0n
  for (const byte of used.toReversed()) value = (value << 8n) | BigInt(byte)
  if (value >> BigInt(buffer.bits) !== 0n) return null
  if (transforms.reverseBits) value = reverseBits(value, buffer.bits)
  if (transforms.invert) value ^= (1n << BigInt(buffer.bits)) - 1n
  return { bits: buffer.bits, value }
}

/** What `undoTransforms` undoes, in its order. */
export const nameTransforms = (transforms: Transforms): readonly string[] => [
  ...(transforms.reverseBytes ? ['bytes reversed'] : []),
  ...(transforms.reverseBits ? ['bits reversed'] : []),
  ...(transforms.invert ? ['inverted'] : []),
]

/** The reverse of `undoTransforms`: what a reader so configured puts into its buffer. */
export function applyTransforms(word: Word, transforms: Transforms): Uint8Array {
  let { value } = word
  if (transforms.invert) value ^= (1n << BigInt(word.bits)) - 1n
  if (transforms.reverseBits) value = reverseBits(value, word.bits)
  const length = Math.ceil(word.bits / 8)
  const used = Array.from({ length }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn))
  if (transforms.reverseBytes) used.reverse()
  const bytes = new Uint8Array(8)
  bytes.set(used)
  return bytes
}

function reverseBits(value: bigint, bits: number): bigint {
  let reversed = 0n
  for (let index = 0; index < bits; index += 1) {
    reversed = (reversed << 1n) | ((value >> BigInt(index)) & 1n)
  }
  return reversed
}
