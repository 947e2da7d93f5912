export type VaultErrorCode = 'unavailable' | 'corrupt' | 'unwritable'

/** The secret store does not do what it must; nothing was made up in its place. */
export class VaultError extends Error {
  readonly code: VaultErrorCode
  /** What to do next, for the operator. */
  readonly advice: string
  constructor(code: VaultErrorCode, message: string, advice: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'VaultError'
    this.code = code
    this.advice = advice
  }
}
