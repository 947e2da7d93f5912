import { CallFailure, type Handlers } from '../context.ts'
import type { Services } from '../services.ts'

type RoamingCalls = Pick<Handlers, 'session.take' | 'session.secured'>

/** A session that follows its person to another workstation (R3). */
export function createRoaming(_services: Services): RoamingCalls {
  const absent = () => Promise.reject(new CallFailure('not-found', 'Not there yet.'))
  return { 'session.take': absent, 'session.secured': absent }
}
