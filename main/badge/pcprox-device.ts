import type { HidHandle } from './hid-port.ts'
import {
  answerOf,
  cardBuffer,
  codes,
  commandReport,
  describeInfo,
  endConfigReport,
  holdMsOf,
  isNothing,
  isSdkMode,
  lamp,
  putReport,
  reportLength,
  sdkMode,
  stripOf,
  transformsOf,
  type Payload,
  type Strip,
} from './pcprox-protocol.ts'
import { nameTransforms, undoTransforms } from './pcprox-transforms.ts'
import type { CardData } from './card-data.ts'
import type { Reading } from './reader-core.ts'

/** `at`: when the last byte that established it was read, monotonic ms. */
export type PcProxReading = Reading & { readonly at: number }

/** Thrown by `configure` when the device does not speak this protocol. */
export class PcProxError extends Error {
  readonly code = 'pcprox-unexpected-answer'
}

/** Between a command and its answer the reader needs a moment. */
const settleMs = 1

/**
 * One reader, spoken to by one caller at a time: await each call before the next. Every call can
 * reject with what the HID layer throws. Nothing is ever written to the reader's EEPROM.
 */
export function createPcProx({
  handle,
  now,
  pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}: {
  readonly handle: Pick<HidHandle, 'sendFeatureReport' | 'getFeatureReport'>
  readonly now: () => number
  readonly pause?: (ms: number) => Promise<void>
}) {
  let pages: { readonly zero: Payload; readonly two: Payload; readonly strip: Strip } | null = null
  let last: { readonly bytes: Payload; readonly data: CardData } | null = null

  async function get(code: number): Promise<Payload | null> {
    await handle.sendFeatureReport(commandReport(code))
    await pause(settleMs)
    return answerOf(await handle.getFeatureReport(0, reportLength))
  }
  async function put(code: number, payload: Payload): Promise<void> {
    await handle.sendFeatureReport(commandReport(code))
    await pause(settleMs)
    await handle.sendFeatureReport(putReport(payload))
    await pause(settleMs)
  }
  async function endConfig() {
    await handle.sendFeatureReport(endConfigReport())
    await pause(settleMs)
  }
  async function page(code: number): Promise<Payload> {
    const answer = await get(code)
    if (answer) return answer
    throw new PcProxError(
      `Command ${code.toString(16)}: expected ${reportLength} bytes starting with 00.`,
    )
  }

  return {
    /**
     * Silences the reader's keystrokes and has it hand over all bits, in its RAM; what cannot be
     * set is lived with, and said in the answer.
     */
    async configure() {
      const info = await page(codes.info)
      if (isNothing(info)) throw new PcProxError('The device has no information about itself.')
      const zero = await page(codes.page0)
      const one = await page(codes.page1)
      const two = await page(codes.page2)
      pages = { zero, two, strip: stripOf(zero) }
      await put(codes.page0, sdkMode(zero))
      await endConfig()
      const taken = await page(codes.page0)
      pages = { zero, two, strip: stripOf(taken) }
      last = null
      return {
        firmware: describeInfo(info),
        types: !isSdkMode(taken),
        strip: pages.strip,
        holdMs: holdMsOf(one),
      }
    },

    /** A card that is new is read twice, so that a torn or swapped reading is no card. */
    async readCard(): Promise<PcProxReading> {
      const bytes = await get(codes.card)
      if (bytes && pages && last && equal(last.bytes, bytes)) {
        return { type: 'card', data: last.data, at: now() }
      }
      last = null
      if (!bytes || !pages) return { type: 'malformed', at: now() }
      if (isNothing(bytes)) return { type: 'none', at: now() }
      const count = await get(codes.bitCount)
      const again = await get(codes.card)
      const at = now()
      // Taken away between two reports: no card, and no fault.
      if (again && isNothing(again)) return { type: 'none', at }
      const buffer = count && again && equal(again, bytes) ? cardBuffer(bytes, count) : null
      const transforms = transformsOf(pages.two)
      const word = buffer && undoTransforms(buffer, transforms)
      if (!word) return { type: 'malformed', at }
      const { strip } = pages
      const raw = bytes.slice(0, Math.ceil(word.bits / 8))
      last = {
        bytes,
        data: { type: 'word', word, strip, raw, transforms: nameTransforms(transforms) },
      }
      return { type: 'card', data: last.data, at }
    },

    /** The request whose answer is all zeros as long as there is no card. */
    cardRequest: { request: commandReport(codes.card), length: reportLength },

    /** Green or red, until `lampOff` gives the lamp back to the reader. */
    async lampOn(signal: 'accepted' | 'refused') {
      if (!pages) return
      await put(codes.page2, lamp(pages.two, signal))
      await endConfig()
    },
    async lampOff() {
      if (!pages) return
      await put(codes.page2, pages.two)
      await endConfig()
    },

    /** Gives the reader back as it was found. */
    async restore() {
      if (!pages) return
      await put(codes.page0, pages.zero)
      await put(codes.page2, pages.two)
      await endConfig()
      pages = null
    },
  }
}
export type PcProx = ReturnType<typeof createPcProx>

const equal = (a: Payload, b: Payload): boolean => a.every((byte, index) => byte === b[index])
