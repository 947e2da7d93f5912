import { CallFailure, type Handlers } from '../context.ts'
import type { Services } from '../services.ts'

/** Workstations as machines with a key of their own. */
export function createMachines(_services: Services): Pick<Handlers, 'machine.rotate'> {
  return {
    'machine.rotate': () => Promise.reject(new CallFailure('not-found', 'Not there yet.')),
  }
}
