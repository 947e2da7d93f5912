import { z } from 'zod'
import { chipNames, type ChipName } from './formats/chip-uid.ts'
import { siteFormats, wiegandFormat } from './formats/catalogue.ts'
import { em4102Renderings, type Em4102Rendering } from './formats/em4102.ts'

/** Families of readers; each has a driver of its own. */
export const readerKinds = ['pcprox', 'pcsc', 'hid-pos', 'magstripe', 'serial', 'wedge'] as const
export type ReaderKind = (typeof readerKinds)[number]

/**
 * Which readers a profile is for: `*` all, a family, one model by USB vendor and product
 * (`0c27:3bfa`), a PC/SC reader by a part of its name (`pcsc:OMNIKEY`), or a serial port
 * (`serial:COM4`).
 */
const selectorSchema = z
  .string()
  .max(80)
  .regex(
    new RegExp(
      String.raw`^(\*|${readerKinds.join('|')}|[0-9a-f]{4}:[0-9a-f]{4}|pcsc:.+|serial:.+)$`,
    ),
    `one of *, ${readerKinds.join(', ')}, vvvv:pppp, pcsc:<part of its name>, serial:<port>`,
  )

const selector = { reader: selectorSchema.default('*') }

/** What readers hand over at a site, and what a badge is made of; the site says it, nobody guesses. */
export const siteProfileSchema = z.discriminatedUnion('cards', [
  z.strictObject({
    ...selector,
    cards: z.literal('wiegand'),
    format: z.enum(siteFormats),
    /** Bits of the word; follows from the format, and may be given for `raw`. */
    length: z.number().int().min(4).max(256).nullable().default(null),
    /**
     * `restore`: what the reader strips is computed, what it leaves is checked. `require`: a reader
     * that strips parity is refused. `ignore`: wrong parity is accepted, for cards issued so.
     */
    parity: z.enum(['restore', 'require', 'ignore']).default('restore'),
    /** How a reader that hands over text writes the word. */
    written: z.enum(['hex', 'decimal', 'binary', 'facility-number']).default('hex'),
    /** Digits of the facility in front, for `facility-number`. */
    facilityDigits: z.number().int().min(0).max(12).default(3),
  }),
  z.strictObject({
    ...selector,
    cards: z.literal('chip'),
    /** What the site issued, for readers that do not say what they read. */
    chip: z.enum(chipNames as unknown as readonly [ChipName, ...ChipName[]]),
    /** Bytes of the identifier, where the site has only such cards. */
    length: z.number().int().min(4).max(10).nullable().default(null),
    order: z.enum(['first-byte-first', 'last-byte-first']).default('first-byte-first'),
  }),
  z.strictObject({
    ...selector,
    cards: z.literal('em4102'),
    rendering: z
      .enum(em4102Renderings as unknown as readonly [Em4102Rendering, ...Em4102Rendering[]])
      .default('HEX'),
  }),
  z.strictObject({ ...selector, cards: z.literal('ioprox') }),
  z.strictObject({ ...selector, cards: z.literal('awid') }),
  /** A bar code or magnetic stripe, by the characters on it. */
  z.strictObject({
    ...selector,
    cards: z.literal('text'),
    /** Characters of the badge's number. */
    length: z.number().int().min(4).max(32),
    /** What stands in front of it, and is the same on all badges of the site. */
    prefix: z.string().max(16).default(''),
  }),
])
export type SiteProfile = z.output<typeof siteProfileSchema>

/** All profiles of a site. Two that would answer for the same card of the same reader are refused. */
export const siteProfilesSchema = z
  .array(siteProfileSchema)
  .max(32)
  .superRefine((profiles, context) => {
    for (const [index, profile] of profiles.entries()) {
      const other = profiles.findIndex((earlier) => answersAlike(earlier, profile))
      if (other < index)
        context.addIssue({
          code: 'custom',
          path: [index],
          message: `answers for the same cards as number ${other + 1}; two formats of one length cannot be told apart at one reader`,
        })
    }
  })

const answersAlike = (a: SiteProfile, b: SiteProfile): boolean =>
  a.reader === b.reader &&
  a.cards === b.cards &&
  (lengthOf(a) ?? lengthOf(b)) === (lengthOf(b) ?? lengthOf(a))

/** Bits, bytes or characters that a profile is about; null: any. */
export function lengthOf(profile: SiteProfile): number | null {
  switch (profile.cards) {
    case 'wiegand':
      return profile.format === 'raw' ? profile.length : wiegandFormat(profile.format).bits
    case 'chip':
    case 'text':
      return profile.length
    case 'em4102':
    case 'ioprox':
    case 'awid':
      return null
  }
}
