export type AuditErrorCode = 'other-key' | 'forked'

/**
 * The log cannot be continued. `forked`: the database holds another history than this node has seen
 * signed, e.g. an older backup.
 */
export class AuditError extends Error {
  readonly code: AuditErrorCode
  /** What to do next, for the operator. */
  readonly advice: string
  constructor(code: AuditErrorCode, message: string, advice: string) {
    super(message)
    this.name = 'AuditError'
    this.code = code
    this.advice = advice
  }
}
