/** What a field of a card holds. `issue`: which issue of the same number; `oem`: who ordered it. */
export const fieldNames = ['facility', 'number', 'issue', 'oem'] as const
export type FieldName = (typeof fieldNames)[number]

/** Positions of bits in a word, the most significant of a field first. */
export type Bits = readonly number[]

export interface ParityRule {
  readonly kind: 'even' | 'odd'
  /** Where the parity bit is. It makes the number of ones, itself included, even or odd. */
  readonly at: number
  /** What it covers, without itself. */
  readonly over: Bits
}

/**
 * A card format as data. Position 0 is the first transmitted bit, the most significant of the
 * word. Fields, fixed bits and parity bits together are all positions, each once.
 */
export interface Layout {
  readonly title: string
  readonly bits: number
  readonly fields: Readonly<Partial<Record<FieldName, Bits>>> & { readonly number: Bits }
  /** Positions that are always 0, and always 1. */
  readonly zeros?: Bits
  readonly ones?: Bits
  /**
   * In the order in which a card is encoded: a rule may cover the parity bits of earlier ones.
   * `none`: the format has no parity, so a reading error yields another card. `unknown`: it may
   * have some among its fixed bits, which nobody has published.
   */
  readonly parity: readonly ParityRule[] | 'none' | 'unknown'
  readonly note?: string
}

/** The positions from `first` to `last`, both included. */
export const span = (first: number, last: number): Bits =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

/** Two of every three positions: all but those that leave `skipped` when divided by 3. */
export const thirds = (first: number, last: number, skipped: 0 | 1 | 2): Bits =>
  span(first, last).filter((position) => position % 3 !== skipped)

export const even = (at: number, over: Bits): ParityRule => ({ kind: 'even', at, over })
export const odd = (at: number, over: Bits): ParityRule => ({ kind: 'odd', at, over })
