import type { Tx } from '../store/port.ts'
import type { AuditInput } from './events.ts'

/** What the authority needs of the log; `createAuditLog` in index.ts makes one. */
export interface AuditLog {
  /**
   * Writes one record in the caller's transaction, so that the record is durable exactly when the
   * effect it describes is. Rejects when it cannot; then the caller's transaction must fail too.
   */
  append(tx: Tx, input: AuditInput): Promise<void>
  /** Sequences everything committed into the tree and signs a checkpoint (C2SP tlog-checkpoint). */
  checkpoint(): Promise<{ readonly size: number; readonly note: string }>
  /**
   * The export as JSON lines (each without its newline; every line of a file ends with one),
   * complete up to a checkpoint made now. Begins by recording `log.exported`, by `by` where known.
   */
  export(by?: Partial<Pick<AuditInput, 'actor' | 'workstation' | 'session'>>): AsyncIterable<string>
  dispose(): Promise<void>
}
