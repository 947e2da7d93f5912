import type { AuditEventName, AuditInput } from '../audit/events.ts'
import type { AuditLog } from '../audit/port.ts'
import { StoreError, type Tx } from '../store/port.ts'

/** The log did not take a record, so the effect it describes must not happen either. */
export class LogFailure extends Error {
  readonly code = 'log-unavailable'
  constructor(options: ErrorOptions) {
    super('The audit log took no record; the change was not made.', options)
    this.name = 'LogFailure'
  }
}

/** A session as far as a record needs it. */
export interface RecordedSession {
  readonly session_id: string
  readonly person_id: string
  readonly aal: number
  readonly verified_at: number
}

export interface Entry {
  readonly outcome?: AuditInput['outcome']
  /** Person id of who acted; taken from `session` when left out. */
  readonly actor?: string | null
  /** Workstation id. */
  readonly workstation?: string | null
  readonly session?: RecordedSession | null
  readonly patient?: string | null
  readonly purposeOfUse?: string | null
  readonly detail?: AuditInput['detail']
}

export type Recorder = (tx: Tx, event: AuditEventName, entry: Entry) => Promise<void>

/** Writes records in the transaction of what they describe; rejects with LogFailure or StoreError. */
export function createRecorder(audit: Pick<AuditLog, 'append'>): Recorder {
  return async (tx, event, entry) => {
    const { session = null } = entry
    try {
      await audit.append(tx, {
        event,
        outcome: entry.outcome ?? 0,
        actor: entry.actor ?? session?.person_id ?? null,
        workstation: entry.workstation ?? null,
        session: session?.session_id ?? null,
        patient: entry.patient ?? null,
        assurance: session && { aal: session.aal, verifiedAt: session.verified_at },
        purposeOfUse: entry.purposeOfUse ?? null,
        detail: entry.detail ?? {},
      })
    } catch (error) {
      if (error instanceof StoreError) throw error
      throw new LogFailure({ cause: error })
    }
  }
}
