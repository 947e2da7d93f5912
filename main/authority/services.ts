import type { AuthorityContext } from './context.ts'
import type { Recorder } from './record.ts'
import type { RunUnit } from './unit-of-work.ts'

/** The context and the two tools that every service of the authority works with. */
export interface Services extends AuthorityContext {
  readonly record: Recorder
  readonly unit: RunUnit
  /** Signed out, though no record of it could be written yet: nothing may go on with this session. */
  readonly isOver?: (sessionId: string) => boolean
}
