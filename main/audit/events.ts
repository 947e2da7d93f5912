import { z } from 'zod'

/**
 * Every security-relevant event by name, with its DICOM codes (PS3.15 A.5, DCM) for the FHIR and
 * ATNA encoders: `[event id, event type]`. Adding a name here is the only way to record something.
 */
export const auditEvents = {
  'log.started': ['110100', '110134'],
  'log.exported': ['110106', null],
  'log.read': ['110101', null],
  'authority.started': ['110100', '110120'],
  'authority.stopped': ['110100', '110121'],
  'agent.started': ['110100', '110120'],
  'agent.stopping': ['110100', '110121'],
  'clock.jumped': ['110113', null],
  'store.reserve-opened': ['110113', null],
  'store.reserve-held': ['110113', null],
  'badge.identified': ['110114', null],
  'badge.refused': ['110114', null],
  'badge.two-at-once': ['110114', null],
  'session.started': ['110114', '110122'],
  'session.reverified': ['110114', '110122'],
  'session.refused': ['110114', '110122'],
  'session.resumed': ['110114', '110122'],
  'session.shielded': ['110114', null],
  'session.ended': ['110114', '110123'],
  'session.cleared': ['110100', null],
  'session.moved': ['110114', null],
  'session.secured': ['110114', null],
  /** The seat that a session left did not confirm its cover in time. */
  'seat.unsecured': ['110113', null],
  /** It did so later. */
  'seat.secured': ['110113', null],
  'launch.created': ['110100', null],
  'launch.opened': ['110100', null],
  'launch.refused': ['110113', null],
  'token.issued': ['110114', null],
  'token.refused': ['110113', null],
  'enrolment.code-issued': ['110113', '110137'],
  'enrolment.started': ['110113', '110137'],
  'enrolment.refused': ['110113', '110137'],
  'passkey.enrolled': ['110113', '110137'],
  'passkey.revoked': ['110113', '110137'],
  /** Its failed attempts were forgotten, by somebody who saw who it was. */
  'passkey.unlocked': ['110113', '110137'],
  'badge.assigned': ['110113', '110137'],
  'badge.enrolment-refused': ['110113', '110137'],
  'badge.lost': ['110113', '110137'],
  'badge.found': ['110113', '110137'],
  'badge.detached': ['110113', '110137'],
  'badge.loaner-ended': ['110113', '110137'],
  /** At two places faster than one can walk. */
  'badge.travelled': ['110113', null],
  /** Its owner is not on the roster now. */
  'badge.off-shift': ['110113', null],
  'badge.listened': ['110113', null],
  'notice.answered': ['110113', null],
  'notice.taken-back': ['110113', null],
  'readers.tested': ['110113', null],
  'badge.quarantined': ['110113', '110137'],
  'badge.revoked': ['110113', '110137'],
  'person.added': ['110113', '110137'],
  'person.changed': ['110113', '110137'],
  'person.disabled': ['110113', '110137'],
  'person.enabled': ['110113', '110137'],
  'directory.refused': ['110113', null],
  'directory.changed': ['110113', '110137'],
  'service-token.issued': ['110113', '110137'],
  'service-token.revoked': ['110113', '110137'],
  'workstation.added': ['110113', '110137'],
  'workstation.enrolment-issued': ['110113', '110137'],
  'workstation.enrolled': ['110113', '110126'],
  'workstation.refused': ['110113', '110126'],
  'workstation.key-rotated': ['110113', '110137'],
  /** Two machines used one key at the same time. */
  'workstation.cloned': ['110113', null],
  'workstation.disabled': ['110113', '110137'],
  'workstation.enabled': ['110113', '110137'],
  'policy.changed': ['110113', '110129'],
  'application.added': ['110113', '110129'],
  'application.changed': ['110113', '110129'],
  'offline.bundle-issued': ['110113', null],
  'offline.began': ['110113', null],
  'offline.ended': ['110113', null],
  'offline.reconciled': ['110113', null],
  'offline.conflict': ['110113', null],
  'offline.refused': ['110113', null],
  'offline.locked-out': ['110113', null],
  'fallback.requested': ['110113', null],
  'fallback.approved': ['110113', '110127'],
  'fallback.declined': ['110113', null],
  'fallback.refused': ['110113', null],
  'fallback.ended': ['110113', '110138'],
  'override.started': ['110113', '110127'],
  'override.refused': ['110113', null],
  'override.ended': ['110113', '110138'],
  'review.listed': ['110101', null],
  'review.decided': ['110101', null],
  'reader.changed': ['110113', null],
  'reader.failing': ['110113', null],
  'workstation.reported': ['110113', null],
} as const satisfies Record<string, readonly [string, string | null]>

export type AuditEventName = keyof typeof auditEvents
export const auditEventNameSchema = z.enum(
  Object.keys(auditEvents) as [AuditEventName, ...AuditEventName[]],
)

/**
 * One event to be recorded. No names, no badge numbers, no tokens: people by their id in the
 * directory, patients by identifier, badges by the first six hex digits of their tag.
 */
export const auditInputSchema = z.strictObject({
  event: auditEventNameSchema,
  /** 0 success, 4 minor, 8 serious, 12 major failure (DICOM EventOutcomeIndicator). */
  outcome: z.union([z.literal(0), z.literal(4), z.literal(8), z.literal(12)]),
  actor: z.string().nullable(),
  workstation: z.string().nullable(),
  session: z.string().nullable(),
  patient: z.string().nullable(),
  /** AAL and its age at the time of the event, where a session is concerned. */
  assurance: z.strictObject({ aal: z.number().int(), verifiedAt: z.number().int() }).nullable(),
  /** HL7 v3 ActReason PurposeOfUse, e.g. `TREAT`, `BTG`. */
  purposeOfUse: z.string().nullable(),
  detail: z.record(z.string(), z.union([z.string().max(500), z.number(), z.boolean(), z.null()])),
})
export type AuditInput = z.input<typeof auditInputSchema>
