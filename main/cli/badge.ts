import { createInterface } from 'node:readline'
import { isDegenerate } from '../badge/canonical.ts'
import { candidates, findFormat, type FormatName } from '../badge/formats/catalogue.ts'
import { formatDescriptions } from '../badge/formats/describe.ts'
import {
  decodeWord,
  encodeCard,
  type Card,
  type WiegandFormat,
  type Word,
} from '../badge/formats/engine.ts'
import { answer, answerLine, binaryWord, decimals, identity } from './badge-answers.ts'
import { addListenCommand } from './badge-listen.ts'
import { formatTable } from './badge-table.ts'
import { CommandError, exit, json } from './outcome.ts'
import type { Registration } from './registration.ts'

/**
 * `badge formats|decode|encode|candidates|listen`: the decoder of the product on the command line, to
 * find out which format a site's cards have. The numbers are those of a person's badge: they go to
 * the screen and nowhere else.
 */
export function addBadgeCommands(registration: Registration): void {
  const { program, output, finish } = registration
  const badge = program.command('badge').description('Decode and encode the numbers of badges')
  const print = (value: unknown) => output.out(`${JSON.stringify(value)}\n`)

  badge
    .command('formats')
    .description('List the card formats with their layout')
    .option('--json', 'print JSON')
    .action(({ json: asJson }: { json?: true }) => {
      const formats = formatDescriptions()
      output.out(asJson ? json(formats) : formatTable(formats))
    })

  badge
    .command('decode')
    .description('Decode the bits of a card; prints JSON, exit 1 when they are not of the format')
    .option('-f, --format <name>', 'the format that the site issued')
    .option('-b, --bits <bits>', 'the word: 0 and 1, first transmitted first, or 0x… with --length')
    .option('-l, --length <bits>', 'number of bits of a word in hexadecimal')
    .option('--stdin', 'answer lines {"format":"…","bits":"…"} from the standard input')
    .action(async (options: DecodeOptions) => {
      if (options.stdin) {
        refuseMixed(options)
        const lines = createInterface({ input: process.stdin, crlfDelay: Infinity })
        for await (const line of lines) print(answerLine(line))
        return
      }
      const format = documented(required(options.format, 'format', 'H10301'))
      const word = toWord(required(options.bits, 'bits', '0010…'), options.length)
      const said = answer(format.name, toBinary(word))
      const decoded = decodeWord(format, word)
      const known = { format: format.name, length: word.bits }
      print(
        said.valid && decoded.ok
          ? { ...said, ...known, canonical: identity(format, decoded.card) }
          : { ...said, ...known },
      )
      finish(said.valid ? exit.ok : exit.failed)
    })

  badge
    .command('encode')
    .description('Encode the numbers of a card; prints JSON, which decode --stdin takes')
    .option('-f, --format <name>', 'the format')
    .option('--facility <number>', 'facility code, where the format has one')
    .option('--number <number>', 'card number')
    .option('--issue <number>', 'issue level, where the format has one')
    .option('--oem <number>', 'OEM code, where the format has one')
    .action((options: EncodeOptions) => {
      const format = documented(required(options.format, 'format', 'H10301'))
      const card = toCard(format, options)
      const word = encodeCard(format, card)
      if (isDegenerate(word))
        throw new CommandError(
          `${format.name}: these numbers make a word of ${word.bits} equal bits, which is no card.`,
          'Check the numbers.',
        )
      print({
        format: format.name,
        bits: toBinary(word),
        length: word.bits,
        hex: `0x${word.value.toString(16).padStart(Math.ceil(word.bits / 4), '0')}`,
        canonical: identity(format, card),
      })
    })

  badge
    .command('candidates')
    .description('List the formats that a word fits; the site decides which of them it issued')
    .option('-b, --bits <bits>', 'the word: 0 and 1, first transmitted first, or 0x… with --length')
    .option('-l, --length <bits>', 'number of bits of a word in hexadecimal')
    .action((options: { bits?: string; length?: string }) => {
      const word = toWord(required(options.bits, 'bits', '0010…'), options.length)
      const fitting = isDegenerate(word) ? [] : candidates(word)
      print(fitting.map(({ format, card, parity }) => ({ format, ...decimals(card), parity })))
      finish(fitting.length > 0 ? exit.ok : exit.failed)
    })

  addListenCommand(registration, badge)
}

interface DecodeOptions {
  readonly format?: string
  readonly bits?: string
  readonly length?: string
  readonly stdin?: true
}
interface EncodeOptions {
  readonly format?: string
  readonly facility?: string
  readonly number?: string
  readonly issue?: string
  readonly oem?: string
}

function refuseMixed({ format, bits, length }: DecodeOptions): void {
  if (format === undefined && bits === undefined && length === undefined) return
  throw new CommandError(
    '--stdin takes format and bits from its lines.',
    'Leave out --format, --bits and --length.',
  )
}

function required(value: string | undefined, name: string, example: string): string {
  if (value !== undefined) return value
  throw new CommandError(`--${name} is missing.`, `For example: --${name} ${example}`)
}

function documented(name: string): WiegandFormat<FormatName> {
  const found = findFormat(name)
  if (found.state === 'documented') return found.format
  throw new CommandError(
    found.state === 'undocumented'
      ? `${name} cannot be decoded: ${found.reason}`
      : `There is no format ${JSON.stringify(name)}.`,
    'Run "lanyard badge formats" for the formats.',
  )
}

function toWord(text: string, length: string | undefined): Word {
  const word = binaryWord(text)
  if (word) return word
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
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : 0
  if (bits < 1 || bits > 256)
    throw new CommandError(`${length} is no length.`, 'Expected a whole number from 1 to 256.')
  const value = BigInt(text)
  if (value >= 1n << BigInt(bits))
    throw new CommandError(`The word does not fit in ${bits} bits.`, 'Check --length.')
  return { bits, value }
}

const toBinary = ({ bits, value }: Word): string => value.toString(2).padStart(bits, '0')

function toCard(format: WiegandFormat, options: EncodeOptions): Card {
  const card = { facility: 0n, number: 0n }
  for (const name of ['facility', 'number', 'issue', 'oem'] as const) {
    const text = options[name]
    const field = format.fields.find((field) => field.name === name)
    if (text === undefined) {
      if (name === 'number' || (name === 'facility' && field)) required(text, name, '1')
      continue
    }
    const limit = (1n << BigInt(field?.length ?? 0)) - 1n
    const value = /^\d{1,30}$/.test(text) ? BigInt(text) : -1n
    if (value < 0n || value > limit)
      throw new CommandError(
        field
          ? `--${name}: expected a whole number from 0 to ${limit}.`
          : `${format.name} has no ${name}.`,
        'Run "lanyard badge formats" for what its fields hold.',
      )
    Object.assign(card, { [name]: value })
  }
  return card
}
