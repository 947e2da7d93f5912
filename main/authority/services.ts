import type { AuthorityContext } from './context.ts'
import type { Recorder } from './record.ts'
import type { RunUnit } from './unit-of-work.ts'

/** The context and the two tools that every service of the authority works with. */
export interface Services extends AuthorityContext {
  readonly record: Recorder
  readonly unit: RunUnit
}
