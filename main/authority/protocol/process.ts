import { z } from 'zod'
import { settings } from '../../policy/settings.ts'
import {
  applicationIdSchema,
  patientIdSchema,
  personIdSchema,
  roleSchema,
  timeSchema,
  workstationIdSchema,
} from './views.ts'

/** An application in the authority's register; it authenticates by `private_key_jwt`. */
export const applicationSchema = z.strictObject({
  id: applicationIdSchema,
  name: z.string().min(1).max(60),
  kind: z.enum(['ehr', 'imaging', 'other']),
  /** OAuth client id and exact redirect URIs (RFC 9700). */
  clientId: z.string().min(1).max(100),
  redirectUris: z.array(z.url()).min(1),
  /** Where the application starts an EHR launch: gets `?iss=...&launch=...` (SMART App Launch 2.2). */
  launchUrl: z.url(),
  /** Audience of its access tokens (RFC 8707). */
  resource: z.url(),
  /** Origins that its view may navigate to, besides the authority's. */
  origins: z.array(z.string()),
  jwks: z.looseObject({ keys: z.array(z.record(z.string(), z.unknown())) }),
})
export type Application = z.infer<typeof applicationSchema>

/** A moment: ms since the epoch, or ISO 8601 with an offset, which becomes ms. */
const instantSchema = z.union([
  timeSchema,
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
])

/** One shift of a person. */
export const shiftSchema = z
  .strictObject({ from: instantSchema, to: instantSchema })
  .refine(({ from, to }) => from < to, 'A shift ends after it begins.')
export type Shift = z.infer<typeof shiftSchema>

/** People and badges of a trial or a single workstation; loading it again changes nothing. */
export const seedSchema = z.strictObject({
  people: z.array(
    z.strictObject({
      personId: personIdSchema,
      given: z.string().min(1).max(60),
      family: z.string().min(1).max(60),
      role: roleSchema,
      /** Canonical badge identities; only their tags are stored. */
      badges: z.array(z.string()),
      applications: z.array(applicationIdSchema),
      /** Patient in context at launch until a context service says otherwise. */
      patient: patientIdSchema.nullable(),
      /** Single-use code for the first passkey, valid `enrolment.codeLife` from the first load. */
      enrolmentCode: z.string().min(8).max(64).nullable(),
      /** The person's shifts; null or left out: none is known, and what was loaded before stays. */
      roster: z.array(shiftSchema).max(400).nullable().default(null),
    }),
  ),
})
export type Seed = z.infer<typeof seedSchema>

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))

const policySchema = z.strictObject(
  Object.fromEntries(Object.entries(settings).map(([name, { schema }]) => [name, schema])) as {
    [N in keyof typeof settings]: (typeof settings)[N]['schema']
  },
)

/** First message to the authority's process; keys travel in it and nowhere else. */
export const startMessageSchema = z.strictObject({
  type: z.literal('start'),
  dataDirectory: z.string(),
  /** 0: any free port on 127.0.0.1. */
  port: z.number().int().min(0).max(65535),
  rpId: z.string(),
  policy: policySchema,
  workstation: z.strictObject({ id: workstationIdSchema, name: z.string() }),
  applications: z.array(applicationSchema),
  seed: seedSchema.nullable(),
  /** Bearer of the one agent of an embedded authority, new at every start. */
  agentSecret: hex(32),
  keys: z.strictObject({
    badge: z.strictObject({ version: z.number().int().min(1), key: hex(32) }),
    /** Ed25519 seed of the log's checkpoints. */
    log: hex(32),
    /** P-256 private key, PKCS #8 DER, for ID tokens (ES256). */
    idToken: z.string().regex(/^[0-9a-f]+$/),
    cookie: hex(32),
  }),
})
export type StartMessage = z.infer<typeof startMessageSchema>

/** What the authority's process says to main; everything else goes over HTTP. */
export const processMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready'), url: z.string() }),
  z.strictObject({
    type: z.literal('failed'),
    code: z.enum([
      'store-busy',
      'store-full',
      'store-corrupt',
      'store-unwritable',
      'configuration',
      'internal',
    ]),
    message: z.string(),
  }),
])
export type ProcessMessage = z.infer<typeof processMessageSchema>

/** Main asks the process to finish: drain, last checkpoint, close, exit 0. */
export const stopMessageSchema = z.strictObject({ type: z.literal('stop') })
