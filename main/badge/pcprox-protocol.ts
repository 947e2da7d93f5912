/*
 * The 8-byte feature reports of RF IDeas pcProx and WAVE ID readers: a command is written, then its
 * answer is read, or (put) 8 bytes are written. Facts from public protocol notes; no report ids, so
 * hidapi's reports have a leading zero and 9 bytes.
 */

export const reportLength = 9

export const codes = {
  page0: 0x80,
  page1: 0x81,
  page2: 0x82,
  info: 0x8a,
  /** Bit count of the card that the last `card` returned. */
  bitCount: 0x8e,
  card: 0x8f,
  endConfig: 0x90,
} as const

/** A configuration page or an answer: 8 bytes. */
export type Payload = Uint8Array

export const commandReport = (code: number, parameter = 0): Uint8Array =>
  Uint8Array.of(0, code, parameter, 0, 0, 0, 0, 0, 0)

export const putReport = (payload: Payload): Uint8Array => Uint8Array.of(0, ...payload)

/** End of configuration, stored in no page of the EEPROM: it lasts until the reader is replugged. */
export const endConfigReport = (): Uint8Array => commandReport(codes.endConfig, 0)

/** The 8 bytes of an answer; null when it is truncated, oversized or numbered. */
export const answerOf = (report: Uint8Array): Payload | null =>
  report.length === reportLength && report[0] === 0 ? report.slice(1) : null

export const isNothing = (payload: Payload): boolean => payload.every((byte) => byte === 0)

export interface CardBuffer {
  /** Little-endian. */
  readonly bytes: Payload
  /** After the reader stripped what page 0 says. */
  readonly bits: number
}

/**
 * The card in the answers to `card` and `bitCount`; null when they cannot belong to one card. An
 * answer that is the echo of a bit count is refused: a reader that repeats old answers sends it.
 */
export function cardBuffer(card: Payload, count: Payload): CardBuffer | null {
  const bits = count[0] ?? 0
  if (bits !== count[1] || bits < 4 || bits > 64 || !isNothing(count.subarray(2))) return null
  if (card[0] === bits && card[1] === bits && isNothing(card.subarray(2))) return null
  if (!isNothing(card.subarray(Math.ceil(bits / 8)))) return null
  return { bytes: card, bits }
}

export interface Strip {
  readonly lead: number
  readonly trail: number
}

/** Parity bits that the reader removes; it never checks them. */
export const stripOf = (page0: Payload): Strip => ({
  lead: (page0[2] ?? 0) & 0x0f,
  trail: (page0[2] ?? 0) >> 4,
})

/** No keystrokes (bHaltKBSnd), and every bit of the card handed over, so that parity can be checked. */
export const sdkMode = (page0: Payload): Payload =>
  change(page0, { 2: 0, 7: (page0[7] ?? 0) | 0x80 })

export const isSdkMode = (page0: Payload): boolean => ((page0[7] ?? 0) & 0x80) !== 0

/** How long the reader repeats a card that has left, in ms. */
export const holdMsOf = (page1: Payload): number => (page1[2] ?? 0) * 50

export interface Transforms {
  readonly invert: boolean
  readonly reverseBits: boolean
  readonly reverseBytes: boolean
}

export const transformsOf = (page2: Payload): Transforms => {
  const flags = page2[1] ?? 0
  return {
    invert: (flags & 0x08) !== 0,
    reverseBits: (flags & 0x20) !== 0,
    reverseBytes: (flags & 0x40) !== 0,
  }
}

/** Page 2 with the lamp under our control: green for accepted, red for refused. */
export const lamp = (page2: Payload, signal: 'accepted' | 'refused'): Payload =>
  change(page2, {
    0: ((page2[0] ?? 0) & ~0x03) | (signal === 'accepted' ? 0x02 : 0x01),
    1: (page2[1] ?? 0) | 0x02,
  })

/** Firmware and type for the log, as `22.7.3, type 0501`. */
export function describeInfo(info: Payload): string {
  const [minor = 0, major = 0] = [info[2], info[3]]
  const type = (info[5] ?? 0) | ((info[6] ?? 0) << 8)
  return `${major}.${minor >> 4}.${minor & 0x0f}, type ${type.toString(16).padStart(4, '0')}`
}

function change(page: Payload, bytes: Readonly<Record<number, number>>): Payload {
  const next = Uint8Array.from(page)
  for (const [index, byte] of Object.entries(bytes)) next[Number(index)] = byte
  return next
}
