import type { ChipName } from './formats/chip-uid.ts'
import type { Word } from './formats/engine.ts'
import type { Strip } from './pcprox-protocol.ts'
import type { ReaderKind } from './site-profile.ts'

/** What one reader handed over of one card, before a profile says what it means. Personal data. */
export type CardData =
  /** A Wiegand word, its transforms undone; `raw` is what the reader sent, for the test page. */
  | {
      readonly type: 'word'
      readonly word: Word
      readonly strip: Strip
      readonly raw: Uint8Array
      /** What was undone, in order: `bytes reversed`, `bits reversed`, `inverted`. */
      readonly transforms: readonly string[]
    }
  /** A chip's identifier, from a reader that knows which chip answered. */
  | {
      readonly type: 'chip'
      readonly chip: ChipName
      readonly bytes: Uint8Array
      readonly order: 'first-byte-first' | 'last-byte-first'
    }
  /** A frame of a low-frequency tag, from a reader that knows which. */
  | {
      readonly type: 'frame'
      readonly technology:
        | 'EM4102'
        | 'AWID'
        | 'IOPROX'
        | 'INDALA'
        | 'LEGIC'
        | 'COTAG'
        | 'NEXWATCH'
        | 'GPROX'
        | 'PYRAMID'
        | 'KERI'
        | 'T55X7'
      readonly word: Word
    }
  /** Characters: a bar code, a magnetic stripe, a serial reader that prints, a keyboard wedge. */
  | {
      readonly type: 'text'
      readonly medium: 'BARCODE' | 'MAGSTRIPE' | 'PRINTED'
      readonly text: string
    }

/** Which reader it was, as profiles select readers. */
export interface ReaderIdentity {
  readonly kind: ReaderKind
  /** For people: the model. */
  readonly model: string
  readonly vendorId: number | null
  readonly productId: number | null
  /** Name at the PC/SC service, or path of the serial port; empty for others. */
  readonly name: string
}
