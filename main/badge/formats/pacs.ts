import type { Word } from './engine.ts'

/**
 * The credential's bits that an OMNIKEY answers with (its answer to tag A1/04): `9D len 03 len unused
 * bits…` and 9000, lengths in BER; `unused` bits at the end do not count. Null: another answer, or
 * not exactly this one.
 */
export function parsePacs(answer: Uint8Array): Word | null {
  if (answer.at(-2) !== 0x90 || answer.at(-1) !== 0x00) return null
  const outer = valueOf(0x9d, answer.subarray(0, -2))
  const [unused = 8, ...bytes] = (outer && valueOf(0x03, outer)) ?? []
  const bits = 8 * bytes.length - unused
  if (unused > 7 || bits < 4 || bits > 256) return null
  const whole = bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
  return { bits, value: whole >> BigInt(unused) }
}

/** The value of one BER element that fills all of `bytes`. */
function valueOf(tag: number, bytes: Uint8Array): Uint8Array | null {
  const [first, length = 0x80] = bytes
  if (first !== tag) return null
  const long = length === 0x81
  const start = long ? 3 : 2
  const count = long ? bytes[2] : length
  return (length < 0x80 || long) && bytes.length === start + (count ?? 0)
    ? bytes.subarray(start)
    : null
}
