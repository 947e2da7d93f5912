import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Agent } from './agent.ts'
import type { ConnectedAuthority } from './authority/protocol/client.ts'
import { createLivePolicy } from './authority/service/live-policy.ts'
import { describeError } from './describe-error.ts'
import { connectMachine } from './machine/connect-machine.ts'
import { openHousePolicy } from './machine/house-policy.ts'
import type { Machine } from './machine/machine.ts'
import { bundleKeySchema } from './authority/protocol/bundle.ts'
import { createFailoverClient, type FailoverClient } from './offline/failover-client.ts'
import { type OfflineStation, openOfflineStation } from './offline/station.ts'
import { createMachinePost } from './machine/machine-post.ts'
import { systemSecureContext } from './machine/system-trust.ts'
import { createTroubleTeller } from './machine/tell-trouble.ts'
import { createTokenKeys } from './machine/token-keys.ts'
import { openMachine, type OpenMachineOptions } from './open-machine.ts'
import type { PolicySource } from './policy/policy-source.ts'
import { removeEnrolmentToken, type Site } from './site.ts'
import { faultOf } from './start-files.ts'
import { type ServiceAgentOptions, startServiceAgent } from './start-service-agent.ts'
import type { Vault } from './vault/port.ts'
import { waitOnFaultScreen } from './wait-on-fault-screen.ts'

/** The page of a fault before it is known whose workstation this is. */
const unknownSite = 'lanyard.invalid'

export interface StartAtServiceOptions extends Pick<OpenMachineOptions, 'authority' | 'token'> {
  /** What is configured now. */
  readonly readSite: () => Promise<Site>
  readonly seat: Omit<ServiceAgentOptions, 'rpId' | 'authorityUrl' | 'connect'>
  /** The machine's own policy. */
  readonly own: readonly PolicySource[]
  readonly directory: string
  readonly sitePath: string
  readonly vault: OpenMachineOptions['vault'] & Pick<Vault, 'delete'>
}

/** The agent of a hospital's authority; until it is enrolled, the screen says what IT does next. */
export async function startAtService(options: StartAtServiceOptions): Promise<Agent> {
  const { authority, token, sitePath, vault } = options
  const secureContext = systemSecureContext()
  const open: OpenMachineOptions = {
    authority,
    token,
    tokenUsed: () => removeEnrolmentToken(sitePath),
    vault,
    post: createMachinePost({ secureContext }),
    keyFor: createTokenKeys(),
  }
  let machine: Machine
  try {
    machine = await openMachine(open)
  } catch (error) {
    const { seat, readSite } = options
    return waitOnFaultScreen({ ...seat, rpId: unknownSite }, faultOf(error), async () => {
      // IT brings another token, or corrects the address, while the screen says that it is needed.
      const site = await readSite()
      if (site.authority?.url === authority)
        await openMachine({ ...open, token: site.enrolmentToken ?? null })
    })
  }
  const station = await openStation(options, machine)
  return startServiceAgent(serve(options, machine, secureContext, station))
}

/** What lets this workstation go on alone; null where the house gives no bundles, or it cannot be. */
async function openStation(
  { seat, directory, vault }: StartAtServiceOptions,
  { identity }: Machine,
): Promise<OfflineStation | null> {
  const pinned = bundleKeySchema.safeParse(identity.bundleKey)
  if (!pinned.success) return null
  try {
    return await openOfflineStation({
      directory: join(directory, 'offline'),
      vault,
      policy: seat.policy,
      bundleKeys: [pinned.data],
      workstationId: identity.workstation.id,
      rpId: identity.rpId,
      origin: identity.origin,
    })
  } catch (error) {
    // Without it people can sign in all the same, as long as the authority answers.
    console.error(`offline: not ready: ${JSON.stringify(describeError(error))}`)
    return null
  }
}

function serve(
  { seat, own, directory }: StartAtServiceOptions,
  machine: Machine,
  secureContext: ReturnType<typeof systemSecureContext>,
  station: OfflineStation | null,
): ServiceAgentOptions {
  const { identity } = machine
  const say = (line: string) => console.error(line)
  const names = identity.workstation
  const house = openHousePolicy({ directory, own, names, report: say })
  const live = createLivePolicy(house.policy)
  const take = (values: Readonly<Record<string, unknown>>) =>
    house.take(values).then(
      (policy) => void (policy && live.change(policy)),
      (error: unknown) => say(`policy: not kept: ${JSON.stringify(describeError(error))}`),
    )
  return {
    ...seat,
    policy: live.policy,
    rpId: identity.rpId,
    authorityUrl: identity.issuer,
    connect(news): ConnectedAuthority {
      const teller = createTroubleTeller(news)
      const instance = randomUUID()
      let alone: FailoverClient | null = null
      const client = connectMachine({
        machine,
        instance,
        secureContext,
        onTrouble(trouble) {
          const { reason } = trouble
          // That nobody is reached is no fault while the workstation answers by itself.
          if (reason === 'unreachable' && alone?.alone === true) return
          if (reason !== 'unreachable' && reason !== 'certificate') alone?.shutOut()
          teller.trouble(trouble)
        },
        onRotationRefused: () => say('machine: the key cannot be changed; enrol this machine anew'),
      })
      client.onConnection((state, hello) => {
        if (state === 'offline' || hello === undefined) return
        teller.online()
        void take(hello.policy)
      })
      client.onEvent((event) => {
        if (event.type === 'policy.changed') void take(event.policy)
      })
      if (station === null) return client
      alone = createFailoverClient({
        service: client,
        offline: station,
        instance,
        onTrouble: (what, detail) => say(`offline: ${what} ${JSON.stringify(detail)}`),
      })
      return alone
    },
  }
}
