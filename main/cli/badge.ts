import { InvalidArgumentError } from 'commander'
import { canonicalBadge, wiegandTechnology } from '../badge/canonical.ts'
import { decodeWiegand, encodeWiegand, h10301, type Word } from '../badge/wiegand.ts'
import { CommandError, exit, json } from './outcome.ts'
import type { Registration } from './registration.ts'

const formats = [h10301]

/**
 * `badge decode|encode|formats`: the decoder of the product on the command line, to find out which
 * format a site's cards have. The numbers are those of a person's badge: they go to the screen and
 * nowhere else.
 */
export function addBadgeCommands({ program, output, finish }: Registration): void {
  const badge = program.command('badge').description('Decode and encode badge numbers (H10301)')

  badge
    .command('decode')
    .description('Decode the bits of a card; prints JSON, exit 1 when they are not H10301')
    .argument('<bits>', 'the word as 0 and 1, first transmitted first, or as 0x... with --length')
    .option('-l, --length <bits>', 'number of bits when the word is given in hexadecimal', toLength)
    .action((text: string, options: { length?: number }) => {
      const word = toWord(text, options.length)
      const card = decodeWiegand(h10301, word)
      output.out(
        json(
          card.ok
            ? {
                ok: true,
                format: h10301.name,
                bits: word.bits,
                facility: card.facility,
                number: card.number,
                canonical: identity(card.facility, card.number),
              }
            : { ok: false, format: h10301.name, bits: word.bits, reason: card.reason },
        ),
      )
      finish(card.ok ? exit.ok : exit.failed)
    })

  badge
    .command('encode')
    .description('Encode a facility and a card number; prints JSON')
    .argument('<facility>', 'facility code, 0 to 255', toNumber(h10301.facility.length))
    .argument('<number>', 'card number, 0 to 65535', toNumber(h10301.number.length))
    .action((facility: number, number: number) => {
      const { bits, value } = encodeWiegand(h10301, { facility, number })
      output.out(
        json({
          format: h10301.name,
          bits,
          binary: value.toString(2).padStart(bits, '0'),
          hex: `0x${value.toString(16).padStart(Math.ceil(bits / 4), '0')}`,
          canonical: identity(facility, number),
        }),
      )
    })

  badge
    .command('formats')
    .description('List the card formats that Lanyard decodes; prints JSON')
    .action(() => output.out(json(formats)))
}

/** Null where the numbers are no badge (all data bits equal). */
function identity(facility: number, number: number): string | null {
  try {
    return canonicalBadge({
      technology: wiegandTechnology,
      format: 'H10301',
      bits: 26,
      facility,
      number,
    })
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function toWord(text: string, length: number | undefined): Word {
  if (/^[01]{1,256}$/.test(text)) return { bits: text.length, value: BigInt(`0b${text}`) }
  if (!/^0x[0-9a-f]{1,64}$/i.test(text))
    throw new CommandError(
      'The word is neither binary nor hexadecimal.',
      'Give 1 to 256 digits 0 and 1, or 0x and 1 to 64 hexadecimal digits.',
    )
  if (length === undefined)
    throw new CommandError(
      'A hexadecimal word does not say how many bits it has.',
      'Add --length, for example --length 26.',
    )
  const value = BigInt(text)
  if (value >= 1n << BigInt(length))
    throw new CommandError(`The word does not fit in ${length} bits.`, 'Check --length.')
  return { bits: length, value }
}

function toLength(text: string): number {
  const length = Number(text)
  if (!Number.isInteger(length) || length < 1 || length > 256)
    throw new InvalidArgumentError('Expected a whole number from 1 to 256.')
  return length
}

/** A parser for a decimal number that fits `bits` bits. */
function toNumber(bits: number): (text: string) => number {
  const limit = 2 ** bits - 1
  return (text) => {
    const value = Number(text)
    if (!/^\d{1,10}$/.test(text) || value > limit)
      throw new InvalidArgumentError(`Expected a whole number from 0 to ${limit}.`)
    return value
  }
}
