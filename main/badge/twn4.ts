/*
 * The simple protocol of Elatec's TWN4 (DocRev 17): a request is its bytes in hex and CR; so is the
 * answer, with an error code in front. Multi-byte numbers are little-endian.
 */

/** Characters of the longest answer: 255 bytes, their length and the error code. */
export const twn4Limit = 2 * (255 + 2)

export const lampBits = { red: 0x01, green: 0x02 } as const

const bothLamps = lampBits.red | lampBits.green
/** Bytes of an identifier that is asked for. */
const idBytes = 32

export const requests = {
  version: frame(0x00, 0x04, 0xff),
  searchTag: frame(0x05, 0x00, idBytes),
  /** Push-pull without a resistor. */
  lampsAreOutputs: frame(0x04, 0x00, bothLamps, 0x00, 0x00),
  lampsOn: (bits: number) => frame(0x04, 0x02, bits),
  lampsOff: frame(0x04, 0x03, bothLamps),
  beep: (hertz: number, ms: number) => frame(0x04, 0x07, 0x40, ...word(hertz), ...word(ms), 0, 0),
} as const

function frame(...bytes: readonly number[]): string {
  return `${Buffer.from(bytes).toString('hex').toUpperCase()}\r`
}

const word = (value: number): readonly [number, number] => [value & 0xff, value >> 8]

export type Twn4Answer =
  | { readonly ok: true; readonly data: Uint8Array }
  /** `error`: the reader's own code; null: no answer at all, but something else. */
  | { readonly ok: false; readonly error: number | null }

export function parseAnswer(text: string): Twn4Answer {
  if (!/^([0-9a-f]{2})+$/i.test(text)) return { ok: false, error: null }
  const bytes = Buffer.from(text, 'hex')
  const [error = 0] = bytes
  if (error === 0) return { ok: true, data: bytes.subarray(1) }
  return { ok: false, error: bytes.length === 1 ? error : null }
}

const errors: readonly string[] = [
  'no error',
  'unknown function',
  'missing parameter',
  'unused parameters',
  'invalid function',
  'not understood',
]
export const errorText = (error: number): string => errors[error] ?? `error ${error}`

/**
 * The firmware's version in an answer to `version`; null for every other answer, so that it marks
 * the place in a stream of late answers.
 */
export function parseVersion(text: string): string | null {
  const answer = parseAnswer(text)
  if (!answer.ok) return null
  const [length = 0] = answer.data
  const name = answer.data.subarray(1)
  if (length < 4 || name.length !== length) return null
  const version = Buffer.from(name).toString('latin1')
  return /^[\x20-\x7e]+$/.test(version) ? version : null
}

/** A transponder as `searchTag` tells it. */
export interface Tag {
  readonly type: number
  readonly bits: number
  readonly bytes: Uint8Array
}

/** Null: none in the field. Undefined: the data contradicts itself. */
export function parseTag(data: Uint8Array): Tag | null | undefined {
  const [found, type = 0, bits = 0, length = 0] = data
  if (found === 0 && data.length === 1) return null
  const bytes = data.subarray(4)
  if (found !== 1 || bytes.length !== length || bits === 0) return undefined
  return Math.ceil(bits / 8) === length ? { type, bits, bytes } : undefined
}
