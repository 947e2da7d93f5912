import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Application } from '../../../main/authority/protocol/process.ts'
import { applicationName as ehrName } from '../ehr/layout.ts'
import { createEhr } from '../ehr/ehr.ts'
import { createImaging } from '../imaging/imaging.ts'
import { applicationName as imagingName } from '../imaging/page.ts'
import { createRelyingParty, type RelyingParty } from './relying-party.ts'

export interface SandboxApplication {
  /** For the authority's register. */
  readonly application: Application
  readonly url: string
  /** Whether the last access token that the application received is active now. */
  introspectLast(): Promise<boolean>
}

export interface SandboxApplications {
  readonly ehr: SandboxApplication
  readonly imaging: SandboxApplication
  /** Once the authority runs: reads its discovery document. Before, a launch answers 503. */
  connect(issuer: string): Promise<void>
  stop(): Promise<void>
}

interface Served {
  readonly fetch: (request: Request) => Response | Promise<Response>
  dispose(): Promise<void>
}

interface Running extends SandboxApplication {
  readonly party: RelyingParty
  readonly server: Server
  dispose(): Promise<void>
}

/** Listens first, because the address is part of the client's registration. */
const start = async (
  { id, name, kind }: { id: string; name: string; kind: Application['kind'] },
  create: (party: RelyingParty) => Promise<Served>,
): Promise<Running> => {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const party = await createRelyingParty({ id, name, kind, url })
  const app = await create(party)
  server.on(
    'request',
    getRequestListener((request) => app.fetch(request)),
  )
  return {
    application: party.application,
    url,
    introspectLast: () => party.introspectLast(),
    party,
    server,
    dispose: () => app.dispose(),
  }
}

/** The two applications of the sandbox on free loopback ports. */
export const startSandboxApplications = async (): Promise<SandboxApplications> => {
  const [ehr, imaging] = await Promise.all([
    start({ id: 'ehr', name: ehrName, kind: 'ehr' }, createEhr),
    start({ id: 'imaging', name: imagingName, kind: 'imaging' }, createImaging),
  ])
  const all = [ehr, imaging]
  return {
    ehr,
    imaging,
    async connect(issuer) {
      await Promise.all(all.map(({ party }) => party.connect(issuer)))
    },
    async stop() {
      await Promise.all(
        all.map(async (running) => {
          running.server.closeAllConnections()
          await new Promise((resolve) => running.server.close(resolve))
          await running.dispose()
        }),
      )
    },
  }
}
