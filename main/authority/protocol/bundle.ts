import { createHash } from 'node:crypto'
import { z } from 'zod'
import { settings } from '../../policy/settings.ts'
import { shiftSchema } from './process.ts'
import {
  applicationIdSchema,
  applicationViewSchema,
  personIdSchema,
  roleSchema,
  timeSchema,
  workstationIdSchema,
} from './views.ts'

/** Media type in the header of the JWS (RFC 7515, 4.1.9). */
export const bundleType = 'lanyard-bundle+jws'

/** Public key that a bundle is checked with (RFC 8037); a workstation pins it when it is enrolled. */
export const bundleKeySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
})
export type BundleKey = Readonly<z.infer<typeof bundleKeySchema>>

/** Name of a bundle key in the JWS: its thumbprint (RFC 7638). */
export const bundleKeyId = ({ x }: BundleKey): string =>
  createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url')

/** Settings by which the authority decides; a workstation that decides in its place needs the same. */
export const bundleSettings = [
  'session.overall',
  'session.inactivity',
  'session.tapGrace',
  'screen.nameBefore',
  'passkey.timeout',
  'passkey.attempts',
  'emergency.witnessed',
  'emergency.alone',
  'emergency.requestLife',
  'emergency.quota',
  'emergency.reviewDue',
  'emergency.reviewEscalates',
  'offline.life',
] as const satisfies readonly (keyof typeof settings)[]

const policySchema = z.strictObject(
  Object.fromEntries(bundleSettings.map((name) => [name, settings[name].schema])) as {
    [N in (typeof bundleSettings)[number]]: (typeof settings)[N]['schema']
  },
)

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/)

/** A passkey as far as verifying an assertion needs it; never a secret. */
const bundlePasskeySchema = z.strictObject({
  passkeyId: base64url.max(2048),
  /** COSE key, base64url. */
  publicKey: base64url.max(4096),
  counter: z.number().int().nonnegative(),
  transports: z.array(z.string().max(32)).max(16),
  backupEligible: z.boolean(),
  backedUp: z.boolean(),
  failedAttempts: z.number().int().nonnegative(),
})

export const bundlePersonSchema = z.strictObject({
  personId: personIdSchema,
  given: z.string(),
  family: z.string(),
  role: roleSchema,
  userHandle: base64url,
  applications: z.array(applicationIdSchema),
  roster: z.array(shiftSchema).nullable(),
  badges: z.array(
    z.strictObject({
      /** HMAC of the canonical identity under this workstation's own key: of no use elsewhere. */
      tag: z.string().regex(/^[0-9a-f]{64}$/),
      kind: z.enum(['permanent', 'loaner']),
      endsAt: timeSchema.nullable(),
    }),
  ),
  passkeys: z.array(bundlePasskeySchema),
})
export type BundlePerson = z.infer<typeof bundlePersonSchema>

/**
 * What lets one workstation verify people while the authority does not answer. The authority signs
 * it; the workstation checks signature, addressee and age before it believes a word of it. It holds
 * no badge number, no patient and nothing that signs anybody in by itself.
 */
export const bundleSchema = z.strictObject({
  version: z.literal(1),
  bundleId: z.string().min(1).max(64),
  workstation: z.strictObject({ id: workstationIdSchema, name: z.string() }),
  rpId: z.string(),
  origin: z.string(),
  issuedAt: timeSchema,
  /** From then on it admits nobody; emergency access goes on. */
  expiresAt: timeSchema,
  policy: policySchema,
  applications: z.array(applicationViewSchema),
  /** Who was seen here lately; the last seen first. */
  people: z.array(bundlePersonSchema).max(500),
  /** Of people seen here: what works no more. Wins over everything that the workstation remembers. */
  revoked: z.strictObject({
    people: z.array(personIdSchema),
    passkeys: z.array(base64url),
  }),
  /** Witnessed emergency accesses, granted in advance: so many in 24 hours, so long each (ms). */
  emergency: z.strictObject({
    perDay: z.number().int().nonnegative(),
    life: z.number().int().positive(),
  }),
  /** `name+hash+key` of the authority's log (C2SP signed-note), to check a checkpoint against. */
  auditKey: z.string().nullable(),
})
export type Bundle = z.infer<typeof bundleSchema>
