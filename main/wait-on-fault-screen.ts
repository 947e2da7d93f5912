import { app } from 'electron'
import type { Agent } from './agent.ts'
import { startFaultScreen } from './start-fault-screen.ts'
import type { faultOf } from './start-files.ts'
import { waitForMending } from './wait-for-mending.ts'
import type { ShellOptions } from './workstation/open-seat.ts'

/** Nothing can start: the seat says why, and Lanyard starts anew once `attempt` succeeds. */
export async function waitOnFaultScreen(
  options: ShellOptions,
  fault: ReturnType<typeof faultOf>,
  attempt: () => Promise<unknown>,
): Promise<Agent> {
  const screen = await startFaultScreen(options, fault)
  const stop = waitForMending({
    attempt,
    startAnew() {
      app.relaunch()
      app.quit()
    },
    shown: fault,
    show: ({ code, detail }) => screen.fault(code, detail),
  })
  return {
    shell: screen.shell,
    dispose() {
      stop()
      return screen.dispose()
    },
  }
}
