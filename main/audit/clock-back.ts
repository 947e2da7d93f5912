import { auditInputSchema, type AuditInput } from './events.ts'
import { canonicalJson } from './canonical.ts'

/** How far time may step back between two records without being recorded itself, in ms. */
export const clockTolerance = 5000

/** The body of the record that goes before the first record of an earlier time. */
export const clockBack = canonicalJson(
  auditInputSchema.parse({
    event: 'clock.jumped',
    outcome: 4,
    actor: null,
    workstation: null,
    session: null,
    patient: null,
    assurance: null,
    purposeOfUse: null,
    detail: { direction: 'back' },
  } satisfies AuditInput),
)
