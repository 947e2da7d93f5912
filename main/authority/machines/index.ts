import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Handlers } from '../context.ts'
import type { BundleKey } from '../protocol/index.ts'
import type { Authenticate } from '../server/authentication.ts'
import type { Bound } from '../server/bound.ts'
import { takeReserve } from '../reserve.ts'
import type { Services } from '../services.ts'
import type { EndSession } from '../sessions/ending.ts'
import { createMachineAuthentication } from './authenticate.ts'
import { createReportClone } from './clones.ts'
import { createEnrol } from './enrol.ts'
import { createLiveConnections } from './live-connections.ts'
import { createWorkstationRegister, type WorkstationRegister } from './register.ts'
import { createRotate } from './rotate.ts'
import { createMachineListener, createMachineRoutes } from './routes.ts'
import { createTokenEndpoint } from './token.ts'

export type { IssuedToken } from './enrolment-token.ts'
export type { WorkstationEntry, WorkstationRegister } from './register.ts'

export interface MachinesOptions extends Services {
  readonly endSession: EndSession
  /** Public key of the offline bundles; there are none when left out. */
  readonly bundleKey?: BundleKey | null
  /** For enrolment and tokens; none when left out. */
  readonly bound?: Pick<Bound, 'run'>
  /** Of this process; made up when left out. */
  readonly nodeId?: string
}

export interface Machines {
  readonly handlers: Pick<Handlers, 'machine.rotate'>
  readonly register: WorkstationRegister
  /** Who calls, by DPoP (RFC 9449). */
  readonly authenticate: Authenticate
  /** Enrolment and tokens; false when a request is for neither. */
  readonly requestListener: (request: IncomingMessage, response: ServerResponse) => boolean
  /** What every call by a machine's connection goes through. */
  guard(handlers: Handlers): Handlers
  /** To be called every second: copies of a key, and connections that lost their standing. */
  look(): Promise<void>
  /** Forgets what is too old to matter. */
  purge(): Promise<void>
  /** To be called when every connection is closed. Never rejects. */
  dispose(): Promise<void>
}

/** Another node's time may be behind this one's; what it would still take must be known as used, ms. */
const lateness = 60_000

/** Workstations as machines with a key of their own. */
export function createMachines(options: MachinesOptions): Machines {
  const {
    unit,
    now,
    rpId,
    origin,
    issuer,
    nodeId = randomBytes(16).toString('base64url'),
    bundleKey = null,
  } = options
  const reportClone = createReportClone(options)
  const live = createLiveConnections({ ...options, nodeId, reportClone })
  const routes = createMachineRoutes({
    enrol: createEnrol(options),
    token: createTokenEndpoint({ ...options, reportClone }),
    house: { rpId, origin, issuer },
    bundleKey,
    now,
    ...(options.bound ? { bound: options.bound } : {}),
  })

  return {
    handlers: { 'machine.rotate': createRotate(options) },
    register: createWorkstationRegister(options),
    authenticate: createMachineAuthentication(options),
    requestListener: createMachineListener(routes),
    look: () => live.look(),
    guard: (handlers) => ({
      ...live.knownOnly(handlers),
      'agent.hello': live.heed(handlers['agent.hello']),
    }),
    async purge() {
      const at = now()
      await unit(async ({ tx }) => {
        await tx
          .deleteFrom('used_proofs')
          .where('expires_at', '<', at - lateness)
          .execute()
        await tx.deleteFrom('machine_tokens').where('expires_at', '<', at).execute()
      }, takeReserve)
      await live.purge()
    },
    dispose: () => live.dispose(),
  }
}
