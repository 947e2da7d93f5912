import { z } from 'zod'

/** Every time in the protocol is the authority's, in milliseconds since the Unix epoch. */
export const timeSchema = z.number().int().nonnegative()

export const personIdSchema = z.string().min(1).max(64).brand<'PersonId'>()
export const sessionIdSchema = z.string().min(1).max(64).brand<'SessionId'>()
export const workstationIdSchema = z.string().min(1).max(64).brand<'WorkstationId'>()
export type PersonId = z.infer<typeof personIdSchema>
export type SessionId = z.infer<typeof sessionIdSchema>
export type WorkstationId = z.infer<typeof workstationIdSchema>

/** An application's key in the authority's register, e.g. `ehr`. */
export const applicationIdSchema = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/)

export const roleSchema = z.enum([
  'nurse',
  'physician',
  'charge-nurse',
  'privacy-officer',
  'it-engineer',
])
export type Role = z.infer<typeof roleSchema>

/** What may be shown of a person before verification: the short form that policy allows, no more. */
export const incomingPersonSchema = z.strictObject({
  personId: personIdSchema,
  label: z.string(),
  initials: z.string(),
})
export type IncomingPerson = z.infer<typeof incomingPersonSchema>

/** What is shown of a person after verification. `hue` (0 to 359) is stable per person. */
export const personViewSchema = incomingPersonSchema.extend({
  displayName: z.string(),
  role: roleSchema,
  hue: z.number().int().min(0).max(359),
})
export type PersonView = z.infer<typeof personViewSchema>

/**
 * Authenticator assurance level of NIST SP 800-63B-4 that was proven, and by what. 1: one factor
 * (an assertion without user verification). 2: a passkey with user verification. 0: nobody proved
 * anything as this person; a witness vouched (identity fallback).
 */
export const assuranceSchema = z.strictObject({
  aal: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  /** RFC 8176 values, e.g. `['hwk', 'user']`; `['witness']` is ours for an identity fallback. */
  amr: z.array(z.string()),
  verifiedAt: timeSchema,
})

/** A patient by the identifier that the EHR knows; never a name, which the authority does not hold. */
export const patientIdSchema = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/)

export const overrideViewSchema = z.strictObject({
  overrideId: z.string(),
  patient: patientIdSchema,
  purposeOfUse: z.literal('BTG'),
  startedAt: timeSchema,
  endsAt: timeSchema,
  witness: z.string().nullable(),
})
export type OverrideView = z.infer<typeof overrideViewSchema>

/** What a person is told about their own badges and passkeys (R16), until they answer. */
export const noticeViewSchema = z.strictObject({
  noticeId: z.string(),
  kind: z.enum([
    'badge-added',
    'badge-detached',
    /** Somebody tapped a badge that the person reported lost. */
    'lost-badge-used',
    /** Somebody tried to add a badge that is the person's. */
    'badge-claimed',
    /** The badge was at two places faster than one can walk. */
    'badge-travelled',
    'passkey-added',
    'passkey-removed',
    /** The seat that one's session left did not confirm that it is covered. For charge nurses, too. */
    'seat-unsecured',
    /** A colleague secured one's open seat. */
    'seat-secured',
    /** A witness said that it was the person who could not prove it. */
    'vouched-for',
  ]),
  at: timeSchema,
  /** Name of the workstation. */
  where: z.string(),
})
export type NoticeView = z.infer<typeof noticeViewSchema>

/** One identity of a card of one's own. Two chips of one card share `cardId`. */
export const badgeViewSchema = z.strictObject({
  badgeId: z.string(),
  cardId: z.string(),
  /** What its owner calls it. */
  name: z.string(),
  kind: z.enum(['permanent', 'loaner']),
  status: z.enum(['active', 'lost', 'conflicting']),
  /** Technology and format, no number: `WIEGAND H10301`. */
  technology: z.string(),
  /** First six digits of its tag. */
  tag: z.string(),
  assignedAt: timeSchema,
  /** When a loaner ends. */
  endsAt: timeSchema.nullable(),
  lastSeenAt: timeSchema.nullable(),
  lastSeenWhere: z.string().nullable(),
})
export type BadgeView = z.infer<typeof badgeViewSchema>

export const sessionViewSchema = z.strictObject({
  sessionId: sessionIdSchema,
  person: personViewSchema,
  /** `fallback`: identity fallback, witnessed; reduced scope, hard end at `endsAt`. */
  kind: z.enum(['standard', 'fallback']),
  assurance: assuranceSchema,
  startedAt: timeSchema,
  /** Hard end: overall session time of SP 800-63B-4, or the end of the emergency access. */
  endsAt: timeSchema,
  /** The session ends here unless activity is reported before. */
  inactiveAt: timeSchema,
  /** Until here a tap alone lifts the shield of this session; equal to `verifiedAt` when never. */
  tapGraceUntil: timeSchema,
  applications: z.array(applicationIdSchema),
  scope: z.enum(['full', 'reduced']),
  /** The patient in context at launch, if any. */
  patient: patientIdSchema.nullable(),
  /** Short form of the witness's name for a fallback session. */
  witness: z.string().nullable(),
  override: overrideViewSchema.nullable(),
  /** Unanswered, the newest first, five at most. */
  notices: z.array(noticeViewSchema).max(5),
})
export type SessionView = z.infer<typeof sessionViewSchema>

/**
 * One WebAuthn ceremony. `options` is PublicKeyCredentialRequestOptionsJSON (WebAuthn L3, 5.8.4.2),
 * pushed together with the answer to the tap so that no round trip is spent on it.
 */
export const ceremonySchema = z.strictObject({
  ceremonyId: z.string(),
  options: z.looseObject({ challenge: z.string() }),
  expiresAt: timeSchema,
})
export type Ceremony = z.infer<typeof ceremonySchema>

/** AuthenticationResponseJSON / RegistrationResponseJSON, checked deeper by the WebAuthn library. */
export const credentialResponseSchema = z.looseObject({
  id: z.string().max(2048),
  rawId: z.string().max(2048),
  type: z.literal('public-key'),
  response: z.record(z.string(), z.unknown()),
})
export type CredentialResponse = z.infer<typeof credentialResponseSchema>

export const passkeyViewSchema = z.strictObject({
  passkeyId: z.string(),
  name: z.string(),
  createdAt: timeSchema,
  lastUsedAt: timeSchema.nullable(),
  synced: z.boolean(),
})
export type PasskeyView = z.infer<typeof passkeyViewSchema>

export const emergencyReasonSchema = z.enum([
  'key-lost',
  'key-broken',
  'passkey-locked',
  'new-staff',
  'other',
])
export const overrideReasonSchema = z.enum([
  'emergency-treatment',
  'cross-cover',
  'transfer',
  'incident-response',
  'other',
])
export type EmergencyReason = z.infer<typeof emergencyReasonSchema>
export type OverrideReason = z.infer<typeof overrideReasonSchema>

/** Free text with a reason: at least ten characters, so that a canned dot is not a reason. */
export const noteSchema = z.string().trim().min(10).max(500)

export const verdictSchema = z.enum(['genuine', 'drill', 'training-need', 'misuse'])

export const reviewCaseSchema = z.strictObject({
  caseId: z.string(),
  kind: z.enum(['fallback', 'override']),
  actor: z.string(),
  witness: z.string().nullable(),
  workstation: z.string(),
  patient: patientIdSchema.nullable(),
  reason: z.string(),
  note: z.string(),
  startedAt: timeSchema,
  endedAt: timeSchema.nullable(),
  dueAt: timeSchema,
  escalatesAt: timeSchema,
  verdict: verdictSchema.nullable(),
  reviewer: z.string().nullable(),
})
export type ReviewCase = z.infer<typeof reviewCaseSchema>

export const applicationViewSchema = z.strictObject({
  id: applicationIdSchema,
  name: z.string(),
  kind: z.enum(['ehr', 'imaging', 'other']),
  /** Origins that its view may navigate to, besides the authority's own. */
  origins: z.array(z.string()),
})
export type ApplicationView = z.infer<typeof applicationViewSchema>
