import { parseCanonicalBadge } from '../../main/badge/canonical.ts'
import { awidFromAir, decodeAwid } from '../../main/badge/formats/awid.ts'
import {
  candidates,
  formatNames,
  siteFormats,
  wiegandFormat,
  type SiteFormat,
} from '../../main/badge/formats/catalogue.ts'
import { chipNames, identifyChip } from '../../main/badge/formats/chip-uid.ts'
import { em4102FromText, em4102Renderings } from '../../main/badge/formats/em4102.ts'
import { encodeCard, type Word } from '../../main/badge/formats/engine.ts'
import { decodeIoProx, encodeIoProx, parseXsf } from '../../main/badge/formats/ioprox.ts'
import { identifyCard } from '../../main/badge/identify-card.ts'
import { answer, answerLine } from '../../main/cli/badge-answers.ts'
import { createRandom } from './random.ts'

export interface FuzzResult {
  readonly inputs: number
  /** Identities that came out, each of which was on its card. */
  readonly badges: number
  /** What came out that was not on the card, with its input. */
  readonly invented: readonly string[]
  /** The longest that one input took, in milliseconds. */
  readonly slowestMs: number
}

interface Source {
  readonly below: (limit: number) => number
  readonly bits: (count: number) => bigint
  readonly pick: <T>(values: readonly T[]) => T
}

/**
 * Gives `inputs` random readings to every decoder of cards: random words, words of one format with
 * bits flipped, cut or read by the rules of another, frames, texts and lines of JSON.
 */
export function fuzzFormats({ inputs, seed }: { inputs: number; seed: number }): FuzzResult {
  const source = sourceOf(createRandom(seed))
  const kinds = [word, word, word, frame, chip, text, line]
  const invented: string[] = []
  let badges = 0
  let slowestMs = 0
  for (let index = 0; index < inputs; index += 1) {
    const startedAt = performance.now()
    const outcome = source.pick(kinds)(source)
    slowestMs = Math.max(slowestMs, performance.now() - startedAt)
    if (outcome === 'badge') badges += 1
    else if (outcome) invented.push(outcome.invented)
  }
  return { inputs, badges, invented, slowestMs }
}

/** Null: refused. `badge`: an identity that holds exactly what was read. */
type Outcome = null | 'badge' | { readonly invented: string }

function word(source: Source): Outcome {
  const site = source.pick(siteFormats)
  const strip = source.pick([0, 0, 1]) === 0 ? { lead: 0, trail: 0 } : strips(source)
  const read = corrupted(source, source.pick(formatNames))
  candidates(read)
  const identified = identifyCard(read, strip, site)
  if (!identified.ok) return null
  const shown = `${site} ${strip.lead}+${strip.trail} ${read.bits}:${read.value} ${identified.badge}`
  return holds(identified.badge, read, strip, site) ? 'badge' : { invented: shown }
}

/** Encodes the identity anew and compares it with what the reader handed over. */
function holds(
  badge: string,
  read: Word,
  { lead, trail }: ReturnType<typeof strips>,
  site: SiteFormat,
): boolean {
  const parsed = parseCanonicalBadge(badge)
  if (!parsed) return false
  if (parsed.format === 'RAW') return parsed.bits === read.bits && parsed.value === read.value
  if (site === 'raw' || wiegandFormat(site).name !== parsed.format) return false
  const format = wiegandFormat(parsed.format)
  const { facility, number, issue = 0, oem = 0 } = parsed
  const card = {
    facility: BigInt(facility),
    number: BigInt(number),
    issue: BigInt(issue),
    oem: BigInt(oem),
  }
  const whole = encodeCard(format, card).value
  const kept = format.bits - lead - trail
  return kept === read.bits && BigInt.asUintN(kept, whole >> BigInt(trail)) === read.value
}

function corrupted(source: Source, name: (typeof formatNames)[number]): Word {
  const format = wiegandFormat(name)
  if (source.below(4) === 0) {
    const bits = 1 + source.below(64)
    return { bits, value: source.bits(bits) }
  }
  const numbers = format.fields.map((field) => [field.name, source.bits(field.length)] as const)
  const { bits, value } = encodeCard(format, {
    facility: 0n,
    number: 0n,
    ...Object.fromEntries(numbers),
  })
  switch (source.below(4)) {
    case 0:
      return { bits, value }
    case 1:
      return { bits, value: value ^ (1n << BigInt(source.below(bits))) }
    case 2: {
      const kept = 1 + source.below(bits)
      return {
        bits: kept,
        value: BigInt.asUintN(kept, value >> BigInt(source.below(bits - kept + 1))),
      }
    }
    default:
      return { bits: bits + 8, value: (value << 8n) | source.bits(8) }
  }
}

const strips = ({ below }: Source) => ({ lead: below(4), trail: below(4) })

function frame(source: Source): Outcome {
  const bits = source.pick([64, 66, 96, 1 + source.below(128)])
  const length = source.pick([26n, 34n, 36n, 37n, 50n, source.bits(8)])
  const value = BigInt.asUintN(bits, (length << 58n) | (source.bits(58) & ~source.bits(8)))
  const read = { bits, value: source.below(2) === 0 ? value : source.bits(bits) }
  awidFromAir(read)
  const io = decodeIoProx(read)
  if (io.ok && encodeIoProx(io.card).value !== read.value) return { invented: `io ${read.value}` }
  const awid = decodeAwid(read)
  if (!awid.ok) return null
  const again =
    (BigInt(awid.word.bits) << BigInt(bits - 8)) |
    (awid.word.value << BigInt(bits - 8 - awid.word.bits))
  return again === read.value ? 'badge' : { invented: `awid ${bits}:${read.value}` }
}

function chip(source: Source): Outcome {
  const bytes = Uint8Array.from({ length: source.below(12) }, () => source.below(256))
  const name = source.pick(chipNames)
  const order = source.pick(['first-byte-first', 'last-byte-first'] as const)
  const identity = identifyChip({ chip: name, bytes, order })
  if (!identity.ok) return null
  const hex = identity.badge.split('|').at(-1)
  const [forth, back] = [bytes, bytes.toReversed()].map((part) => Buffer.from(part).toString('hex'))
  return hex === forth || hex === back
    ? 'badge'
    : { invented: `${name} ${forth} ${identity.badge}` }
}

function text(source: Source): Outcome {
  const letters = '01234567890123456789.:()XSFa- '
  const written = Array.from({ length: source.below(18) }, () =>
    letters.charAt(source.below(letters.length)),
  ).join('')
  parseXsf(written)
  return em4102FromText(written, source.pick(em4102Renderings)) === null ? null : 'badge'
}

function line(source: Source): Outcome {
  const read = corrupted(source, source.pick(formatNames))
  const bits = read.value.toString(2).padStart(read.bits, '0')
  const name = source.pick([...formatNames, 'HPP32', 'toString', ''])
  const said = answer(name, bits)
  const written = JSON.stringify({ format: name, bits })
  const cut = written.slice(0, source.below(written.length))
  if (answerLine(cut).valid) return { invented: cut }
  return said.valid === answerLine(written).valid ? null : { invented: written }
}

function sourceOf(random: () => number): Source {
  const below = (limit: number) => Math.floor(random() * limit)
  return {
    below,
    bits: (count) => {
      let value = 0n
      for (let have = 0; have < count; have += 32) value = (value << 32n) | BigInt(below(2 ** 32))
      return BigInt.asUintN(count, value)
    },
    pick: <T>(values: readonly T[]): T => values[below(values.length)] as T,
  }
}
