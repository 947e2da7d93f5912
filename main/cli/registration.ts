import type { Command } from 'commander'
import type { ExitCode, Output } from './outcome.ts'

/** What a module needs to add its commands; each command reports its exit code by `finish`. */
export interface Registration {
  readonly program: Command
  readonly output: Output
  readonly finish: (code: ExitCode) => void
}
