import { randomUUID } from 'node:crypto'
import { app } from 'electron'
import {
  type Agent,
  type ServiceAgentOptions,
  startFaultScreen,
  startServiceAgent,
} from './agent.ts'
import type { ConnectedAuthority } from './authority/protocol/client.ts'
import { createLivePolicy } from './authority/service/live-policy.ts'
import { describeError } from './describe-error.ts'
import { connectMachine } from './machine/connect-machine.ts'
import { openHousePolicy } from './machine/house-policy.ts'
import type { Machine } from './machine/machine.ts'
import { newMachineKey } from './machine/machine-key.ts'
import { createMachinePost } from './machine/machine-post.ts'
import { systemSecureContext } from './machine/system-trust.ts'
import { createTroubleTeller } from './machine/tell-trouble.ts'
import { openMachine, type OpenMachineOptions } from './open-machine.ts'
import type { PolicySource } from './policy/policy-source.ts'
import { removeEnrolmentToken } from './site.ts'
import { faultOf } from './start-files.ts'

/** A workstation that waits for its enrolment looks again after this, ms. */
const again = 15_000
/** The page of a fault before it is known whose workstation this is. */
const unknownSite = 'lanyard.invalid'

export interface StartAtServiceOptions extends Pick<OpenMachineOptions, 'authority' | 'token'> {
  readonly seat: Omit<ServiceAgentOptions, 'rpId' | 'authorityUrl' | 'connect'>
  /** The machine's own policy. */
  readonly own: readonly PolicySource[]
  readonly directory: string
  readonly sitePath: string
  readonly vault: OpenMachineOptions['vault']
}

/** The agent of a hospital's authority; until it is enrolled, the screen says what IT does next. */
export async function startAtService(options: StartAtServiceOptions): Promise<Agent> {
  const { seat, authority, token, sitePath, vault } = options
  const secureContext = systemSecureContext()
  const open: OpenMachineOptions = {
    authority,
    token,
    tokenUsed: () => removeEnrolmentToken(sitePath),
    vault,
    post: createMachinePost({ secureContext }),
    key: await newMachineKey(),
  }
  let machine: Machine
  try {
    machine = await openMachine(open)
  } catch (error) {
    const screen = await startFaultScreen({ ...seat, rpId: unknownSite }, faultOf(error))
    return waitForEnrolment(screen, open)
  }
  return startServiceAgent(serve(options, machine, secureContext))
}

function serve(
  { seat, own, directory }: StartAtServiceOptions,
  machine: Machine,
  secureContext: ReturnType<typeof systemSecureContext>,
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
      const client = connectMachine({
        machine,
        instance: randomUUID(),
        secureContext,
        onTrouble: (trouble) => teller.trouble(trouble),
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
      return client
    },
  }
}

/** Starts Lanyard anew once this machine is enrolled: by a later attempt, or by `lanyard enrol`. */
function waitForEnrolment(screen: Agent, open: OpenMachineOptions): Agent {
  let timer = setTimeout(() => void look(), again)
  async function look(): Promise<void> {
    try {
      await openMachine(open)
    } catch {
      timer = setTimeout(() => void look(), again)
      return
    }
    app.relaunch()
    app.quit()
  }
  return {
    shell: screen.shell,
    dispose() {
      clearTimeout(timer)
      return screen.dispose()
    },
  }
}
