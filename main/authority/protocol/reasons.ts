import { z } from 'zod'

/** Why a proof was refused. The screen tells some of them apart; the record tells all. */
export const refusalSchema = z.enum([
  'wrong-person',
  'unknown-passkey',
  'revoked',
  'not-verified',
  'expired',
  'locked-out',
  'invalid',
])
export type Refusal = z.infer<typeof refusalSchema>

export const endReasonSchema = z.enum([
  'sign-out',
  'inactivity',
  'session-limit',
  'emergency-over',
  /** It goes on at another workstation; see `moved` of the event. */
  'moved',
  /** Emergency access of the same person began at the same seat. */
  'replaced',
  'revoked',
  'agent-restart',
  /** The directory says that the person works here no more. */
  'person-disabled',
  /** IT took the workstation out of service. */
  'workstation-disabled',
  /** Begun while the authority could not be reached, and not to be gone on with. */
  'offline-conflict',
])
export type EndReason = z.infer<typeof endReasonSchema>
