/** Where a command writes: results to `out`, everything else to `err`. */
export interface Output {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

/** Exit codes of every command. */
export const exit = {
  /** Done, and what was asked holds. */
  ok: 0,
  /** Done, and what was asked does not hold: the log was changed, something needs attention. */
  failed: 1,
  /** Not done: a wrong argument, or something that cannot be read or written. */
  unable: 2,
} as const
export type ExitCode = (typeof exit)[keyof typeof exit]

/** A command that cannot be done. `advice` says what to do next. */
export class CommandError extends Error {
  readonly code = 'unable'
  readonly advice: string
  constructor(message: string, advice: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CommandError'
    this.advice = advice
  }
}

/** A value as indented JSON with a line end. */
export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
