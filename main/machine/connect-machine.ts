import type { SecureContext } from 'node:tls'
import { serviceBackoff, type Backoff } from '../authority/protocol/backoff.ts'
import { type ConnectedAuthority, connectAuthority } from '../authority/protocol/client.ts'
import { MachineRefused, type TokenRefusal } from './credentials.ts'
import { type ReachFailure, reachFailure } from './failure.ts'
import type { Machine } from './machine.ts'

/** Why there is no connection at present. Attempts go on in every case. */
export type MachineTrouble = ReachFailure | { readonly reason: TokenRefusal }

export interface ConnectMachineOptions {
  readonly machine: Machine
  /** Random, new with every start of the process. */
  readonly instance: string
  readonly secureContext?: SecureContext
  readonly onTrouble?: (trouble: MachineTrouble) => void
  /** Told when the authority took no new key: two machines may have this one. */
  readonly onRotationRefused?: () => void
  readonly backoff?: Backoff
  readonly random?: () => number
}

/** Keys of machines that were enrolled together do not all change in the same minute, ms. */
const spread = 3_600_000
/** RFC 6455, 7.4.1. */
const policyViolation = 1008
const longestTimer = 24 * 3_600_000

/** Connects this workstation to its authority's service, and keeps its key young. */
export function connectMachine(options: ConnectMachineOptions): ConnectedAuthority {
  const { machine, instance, secureContext, backoff = serviceBackoff } = options
  const { onTrouble = () => {}, onRotationRefused = () => {}, random = Math.random } = options
  let timer: NodeJS.Timeout | null = null
  let disposed = false

  async function headers() {
    try {
      return await machine.headers()
    } catch (error) {
      onTrouble(error instanceof MachineRefused ? { reason: error.reason } : reachFailure(error))
      throw error
    }
  }

  const client = connectAuthority({
    url: machine.identity.issuer,
    headers,
    ...(secureContext ? { tls: { secureContext } } : {}),
    instance,
    backoff,
    onClosed({ code, reason }) {
      // What IT decided holds at once, and not only when the next token is refused.
      if (code === policyViolation && (reason === 'disabled' || reason === 'revoked'))
        onTrouble({ reason })
    },
    onRefused({ status }) {
      if (status === 401) machine.refused()
      else onTrouble({ reason: 'unreachable', detail: `status ${status}` })
    },
  })

  function schedule(): void {
    if (timer) clearTimeout(timer)
    if (disposed) return
    const wait = Math.max(0, machine.rotateAt() - Date.now()) + random() * spread
    timer = setTimeout(() => void turn(), Math.min(wait, longestTimer))
    timer.unref()
  }
  async function turn(): Promise<void> {
    try {
      const done = await machine.rotate((proof) => client.call('machine.rotate', { proof }))
      if (done === 'refused') onRotationRefused()
    } catch {
      // Offline: the next turn comes with the next connection.
    }
    schedule()
  }
  client.onConnection((state) => {
    if (state === 'online') schedule()
  })

  return {
    ...client,
    async dispose() {
      disposed = true
      if (timer) clearTimeout(timer)
      await client.dispose()
    },
  }
}
