import { powerMonitor } from 'electron'
import type { FaultCode } from '../preload/shown/fault.ts'
import type { Agent } from './agent.ts'
import type { ConnectedAuthority } from './authority/protocol/client.ts'
import { announceOnce, attachAuthority } from './workstation/attach-authority.ts'
import { originOf } from './workstation/navigation.ts'
import { openSeat } from './workstation/open-seat.ts'
import { type SeatOptions, startReaders } from './workstation/start-readers.ts'

/** At a hospital's authority. */
export interface ServiceAgentOptions extends SeatOptions {
  /** Address of the authority, which views may open. */
  readonly authorityUrl: string
  /** Connects, and goes on trying. `fault`: nothing works before it is mended. */
  readonly connect: (on: ServiceNews) => ConnectedAuthority
}

export interface ServiceNews {
  readonly fault: (code: FaultCode, detail: string) => void
  /** The workstation may not be used any more: what is open ends before the fault is shown. */
  readonly outOfService: (code: FaultCode, detail: string) => void
}

/** As `startAgent`, for a workstation of a hospital's authority. */
export const startServiceAgent = async (options: ServiceAgentOptions): Promise<Agent> => {
  const seat = await openSeat(options)
  const { driver } = seat
  const reader = startReaders(options, seat)
  seat.setAuthorityOrigin(originOf(options.authorityUrl))
  const client = options.connect({
    fault: seat.fault,
    outOfService(code, detail) {
      driver.dispatch({
        type: 'authority.event',
        event: { seq: 0, type: 'workstation.disabled' },
      })
      seat.fault(code, detail)
    },
  })
  attachAuthority(driver, client, announceOnce(driver))
  client.onEvent(({ type }) => {
    if (type === 'workstation.disabled') seat.fault('workstation-disabled', 'by IT')
  })
  const onResume = () => client.reconnectNow()
  powerMonitor.on('resume', onResume)

  await seat.loaded
  return {
    shell: seat.shell,
    async dispose() {
      powerMonitor.off('resume', onResume)
      await client
        .call('workstation.report', { event: 'agent-stopping', detail: {} })
        .catch(() => undefined)
      seat.dispose()
      await Promise.all([reader.dispose(), client.dispose()])
      seat.close()
    },
  }
}
