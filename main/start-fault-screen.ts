import type { FaultCode } from '../preload/shown/fault.ts'
import type { Agent } from './agent.ts'
import { openSeat, type ShellOptions } from './workstation/open-seat.ts'

export interface FaultScreen extends Agent {
  /** Says another one instead. */
  readonly fault: (code: FaultCode, detail: string) => void
}

/** Nothing can start: the seat says so, and shows nothing else. */
export const startFaultScreen = async (
  options: ShellOptions,
  fault: { readonly code: FaultCode; readonly detail: string },
): Promise<FaultScreen> => {
  const seat = await openSeat(options)
  seat.fault(fault.code, fault.detail)
  await seat.loaded
  return {
    shell: seat.shell,
    fault: seat.fault,
    async dispose() {
      seat.dispose()
      seat.close()
    },
  }
}
