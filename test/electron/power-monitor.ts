import type { PowerMonitor } from 'electron'
import { Emitter } from './emitter.ts'
import type { Runtime } from './runtime.ts'

/**
 * `powerMonitor`. Idle time counts from the last input in any web contents. The events of the
 * machine come from the tests: `electron.powerMonitor.emit('lock-screen')`.
 */
export class StandInPowerMonitor
  extends Emitter
  implements Pick<PowerMonitor, 'getSystemIdleTime' | 'getSystemIdleState'>
{
  readonly #runtime: Runtime

  constructor(runtime: Runtime) {
    super(['suspend', 'resume', 'lock-screen', 'unlock-screen', 'shutdown', 'on-ac', 'on-battery'])
    this.#runtime = runtime
  }

  getSystemIdleTime(): number {
    return Math.floor((performance.now() - this.#runtime.lastInput) / 1000)
  }

  getSystemIdleState(idleThreshold: number): 'active' | 'idle' | 'locked' | 'unknown' {
    return this.getSystemIdleTime() >= idleThreshold ? 'idle' : 'active'
  }
}
