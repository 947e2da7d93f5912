import { z } from 'zod'
import { encodeWiegand, h10301, type Word } from '../../main/badge/wiegand.ts'
import type { VirtualHid } from './virtual-hid.ts'

const cardSchema = z.strictObject({
  facility: z.number().int().min(0).max(255),
  number: z.number().int().min(0).max(65_535),
})
const card = cardSchema.shape

/** What a hand can do to the simulated reader, one JSON line each. */
export const readerControlSchema = z.discriminatedUnion('do', [
  /** Lay a badge on the reader; another one that lies there is exchanged for it. */
  z.strictObject({ do: z.literal('present'), ...card }),
  /** Present for 300 ms, then remove; answered as soon as it is presented. */
  z.strictObject({ do: z.literal('tap'), ...card }),
  /** Any word, most significant bit first, until it is removed. */
  z.strictObject({
    do: z.literal('raw'),
    bits: z.number().int().min(4).max(64),
    hex: z.string().regex(/^[0-9a-f]{1,16}$/),
  }),
  z.strictObject({ do: z.literal('two'), badges: z.tuple([cardSchema, cardSchema]) }),
  z.strictObject({ do: z.literal('remove') }),
  z.strictObject({ do: z.literal('unplug') }),
  z.strictObject({ do: z.literal('plug') }),
  z.strictObject({ do: z.literal('hang') }),
  z.strictObject({ do: z.literal('error') }),
  z.strictObject({ do: z.literal('babble') }),
  z.strictObject({ do: z.literal('stale') }),
  z.strictObject({ do: z.literal('permission') }),
  /** Ends any of the faults. */
  z.strictObject({ do: z.literal('calm') }),
])
export type ReaderControl = z.input<typeof readerControlSchema>

const tapMs = 300

/** Carries out one command; throws when it fits no schema. */
export function createReaderControl(
  hid: Pick<VirtualHid, 'reader' | 'plug' | 'unplug' | 'fault'>,
): (command: unknown) => void {
  let leaving: NodeJS.Timeout | undefined
  const show = (word: Word) => {
    clearTimeout(leaving)
    hid.reader.present(word)
  }
  return (input) => {
    const command = readerControlSchema.parse(input)
    switch (command.do) {
      case 'present':
        return show(encodeWiegand(h10301, command))
      case 'tap':
        show(encodeWiegand(h10301, command))
        leaving = setTimeout(() => hid.reader.remove(), tapMs)
        return
      case 'raw':
        return show({ bits: command.bits, value: BigInt(`0x${command.hex}`) })
      case 'two': {
        clearTimeout(leaving)
        const [first, second] = command.badges
        return hid.reader.presentTwo(encodeWiegand(h10301, first), encodeWiegand(h10301, second))
      }
      case 'remove':
        clearTimeout(leaving)
        return hid.reader.remove()
      case 'unplug':
        return hid.unplug()
      case 'plug':
        return hid.plug()
      case 'calm':
        return hid.fault(null)
      case 'hang':
      case 'error':
      case 'babble':
      case 'stale':
      case 'permission':
        return hid.fault(command.do)
    }
  }
}
