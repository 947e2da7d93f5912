import { randomBytes } from 'node:crypto'
import { utilityProcess } from 'electron'
import type { WebContents } from 'electron'
import { connectAuthority } from './authority/protocol/client.ts'
import type { AuthorityClient } from './authority/protocol/authority-client.ts'
import type { Application, Seed, StartMessage } from './authority/protocol/process.ts'
import type { WorkstationId } from './authority/protocol/views.ts'
import { monotonicNow } from './badge/reader-messages.ts'
import { announceOnce, attachAuthority } from './workstation/attach-authority.ts'
import { startAuthorityHost } from './workstation/authority-host.ts'
import { originOf } from './workstation/navigation.ts'
import { openSeat } from './workstation/open-seat.ts'
import { type SeatOptions, startReaders } from './workstation/start-readers.ts'

/** With an authority of its own, in a process of its own. */
export interface AgentOptions extends SeatOptions {
  /** The authority keeps its store and log here. */
  readonly dataDirectory: string
  readonly workstation: { readonly id: string; readonly name: string }
  readonly applications: readonly Application[]
  readonly seed: Seed | null
  readonly keys: StartMessage['keys']
  readonly authorityEntry: string
  readonly authorityArguments?: readonly string[]
}

export interface Agent {
  /** Of the shell's own view. */
  readonly shell: WebContents
  dispose(): Promise<void>
}

/** Starts everything a seat needs: window, shell, reader, authority. Resolves with the shell up. */
export const startAgent = async (options: AgentOptions): Promise<Agent> => {
  const seat = await openSeat(options)
  const { driver, observe } = seat
  const agentSecret = randomBytes(32).toString('hex')
  let client: AuthorityClient | null = null
  const announce = announceOnce(driver)

  const disconnect = async (): Promise<void> => {
    const last = client
    client = null
    driver.connect(null)
    driver.dispatch({ type: 'authority.offline' })
    await last?.dispose()
  }
  const connect = (url: string): void => {
    seat.setAuthorityOrigin(originOf(url))
    const next = connectAuthority({ url, secret: agentSecret })
    client = next
    attachAuthority(driver, next, announce)
  }

  const reader = startReaders(options, seat)

  const authority = startAuthorityHost({
    fork: () =>
      utilityProcess.fork(options.authorityEntry, [...(options.authorityArguments ?? [])], {
        serviceName: 'Lanyard authority',
      }),
    start: {
      type: 'start',
      dataDirectory: options.dataDirectory,
      port: 0,
      rpId: options.rpId,
      policy: options.policy,
      workstation: {
        id: options.workstation.id as WorkstationId,
        name: options.workstation.name,
      },
      applications: [...options.applications],
      seed: options.seed,
      agentSecret,
      keys: options.keys,
    },
    onReady: connect,
    onLost: () => void disconnect(),
    onFault: seat.fault,
    onProcess: (state, detail) =>
      observe({ type: 'process', at: monotonicNow(), process: 'authority', state, detail }),
    now: monotonicNow,
  })

  await seat.loaded
  return {
    shell: seat.shell,
    async dispose() {
      await client
        ?.call('workstation.report', { event: 'agent-stopping', detail: {} })
        .catch(() => undefined)
      seat.dispose()
      await Promise.all([reader.dispose(), client?.dispose()])
      await authority.dispose()
      seat.close()
    },
  }
}
