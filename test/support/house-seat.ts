import { randomBytes } from 'node:crypto'
import type { AuthorityEvent, Call, Request } from '../../main/authority/protocol/index.ts'
import { connectMachine } from '../../main/machine/connect-machine.ts'
import { createCredentials } from '../../main/machine/credentials.ts'
import { enrolMachine } from '../../main/machine/enrol-machine.ts'
import { createMachine, type Machine } from '../../main/machine/machine.ts'
import { type MachineKey, useMachineKey } from '../../main/machine/machine-key.ts'
import { createMachinePost } from '../../main/machine/machine-post.ts'
import { type MachineIdentity, loadMachine } from '../../main/machine/machine-vault.ts'
import { memoryVault } from '../../main/vault/memory-vault.ts'
import { LightAgent, type Line } from './light-agent.ts'
import type { TwoNodes, Which } from './two-nodes.ts'

/** A machine of the house with what it keeps, not connected yet. */
export interface HouseMachine {
  readonly machine: Machine
  /** The key that is in its secret store at this moment. */
  readonly key: () => Promise<MachineKey>
}

export async function enrolAt(house: TwoNodes, workstation: string): Promise<HouseMachine> {
  const vault = memoryVault()
  const post = createMachinePost({})
  const token = await house.token(workstation)
  const enrolled = await enrolMachine({ authority: house.url, token, vault, post })
  if (!enrolled.ok) throw new Error(`${enrolled.reason} ${enrolled.detail}`)
  return {
    machine: await createMachine({ secrets: enrolled.secrets, vault, post }),
    async key() {
      const kept = await loadMachine(vault)
      if (!kept) throw new Error('nothing was kept')
      return useMachineKey(kept.keys.current)
    },
  }
}

/** Calls of a machine over plain HTTP, at the node of one's choice. */
export function httpCalls(house: TwoNodes, identity: MachineIdentity, key: MachineKey) {
  const credentials = createCredentials({ identity, post: createMachinePost({}) })
  return async <C extends Call>(node: Which, call: C, params: Request<C>) => {
    const path = `/agent/v1/${call}`
    const proof = await credentials.headers(key, { method: 'POST', path })
    const answer = await house.ask(node, path, {
      method: 'POST',
      headers: { ...proof, 'content-type': 'application/json' },
      body: JSON.stringify(params),
    })
    return { status: answer.status, body: (await answer.json()) as unknown }
  }
}

/** A seat whose agent is connected to one of the nodes. */
export interface HouseSeat {
  readonly agent: LightAgent<Line>
  /** What its agent heard, and when, by `performance.now()`. */
  readonly heard: readonly { readonly event: AuthorityEvent; readonly at: number }[]
  readonly call: ReturnType<typeof httpCalls>
  dispose(): Promise<void>
}

/** The seats of a house share its network, which is not theirs to break. */
const line: Line = { connections: 1, heal() {}, cut() {}, dispose: () => Promise.resolve() }

export async function openSeat(
  house: TwoNodes,
  { workstation, node }: { readonly workstation: string; readonly node: Which },
): Promise<HouseSeat> {
  const { machine, key } = await enrolAt(house, workstation)
  const call = httpCalls(house, machine.identity, await key())
  house.choose(node)
  const client = connectMachine({ machine, instance: randomBytes(8).toString('hex') })
  const heard: { event: AuthorityEvent; at: number }[] = []
  client.onEvent((event) => heard.push({ event, at: performance.now() }))
  const agent = new LightAgent(workstation, line, client)
  // The next seat chooses another node.
  await client.call('workstation.report', { event: 'reader-ready', detail: {} })
  return { agent, heard, call, dispose: () => agent.dispose() }
}
