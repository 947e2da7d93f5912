import type { z } from 'zod'
import { badgeCalls } from './calls/badge-calls.ts'
import { emergencyCalls } from './calls/emergency-calls.ts'
import { passkeyCalls } from './calls/passkey-calls.ts'
import { sessionCalls } from './calls/session-calls.ts'
import { workstationCalls } from './calls/workstation-calls.ts'

/**
 * Every call an agent can make, over the WebSocket (`{id, call, params}`) or as
 * `POST /agent/v1/<call>`. The agent is authenticated before; which workstation it is comes from
 * that, never from a parameter. Each successful call that changes something has written its audit
 * record in the same transaction before it answers.
 */
export const procedures = {
  ...workstationCalls,
  ...sessionCalls,
  ...passkeyCalls,
  ...badgeCalls,
  ...emergencyCalls,
} as const

export type Procedures = typeof procedures
export type Call = keyof Procedures
export type Request<C extends Call> = z.input<Procedures[C]['request']>
export type Response<C extends Call> = z.output<Procedures[C]['response']>
