import { randomBytes } from 'node:crypto'
import type { Call, Request, Response } from '../../main/authority/protocol/index.ts'
import { openLine } from './agent-line.ts'
import type { Proof } from './machines.ts'
import type { BenchPerson } from './people.ts'

/** A call that was answered with an error; its code says which. */
export class CallError extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

type Frame =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: { readonly code: string } }
  | { readonly event: { readonly type: string } & Record<string, unknown> }

/** An agent that parses nothing but JSON, so that the load costs less than what it is put on. */
export interface BenchAgent {
  readonly workstation: string
  call<C extends Call>(call: C, params: unknown): Promise<Response<C>>
  onEvent: ((event: Extract<Frame, { event: unknown }>['event']) => void) | null
  onClose: ((code: number) => void) | null
  close(): void
}

export interface ConnectOptions {
  readonly url: string
  readonly workstation: string
  /** What it proves itself with; without, the server believes the name. */
  readonly proof?: Proof
}

/** Connects and says hello; rejects when it cannot. */
export async function connectAgent(options: ConnectOptions): Promise<BenchAgent> {
  const { url, workstation, proof } = options
  const line = await openLine({
    url: `${url}/agent/v1/socket`,
    headers: proof ?? { authorization: `Bearer ${workstation}` },
    timeout: 10_000,
  })
  const pending = new Map<number, (frame: Exclude<Frame, { event: unknown }>) => void>()
  let nextId = 0
  const agent: BenchAgent = {
    workstation,
    onEvent: null,
    onClose: null,
    call(call, params) {
      return new Promise((resolve, reject) => {
        const id = nextId++
        pending.set(id, (frame) => {
          if (frame.ok) resolve(frame.value as never)
          else reject(new CallError(frame.error.code))
        })
        line.send(JSON.stringify({ id, call, params }))
      })
    },
    close: () => line.close(),
  }
  line.onText = (text) => {
    const frame = JSON.parse(text) as Frame
    if ('event' in frame) return agent.onEvent?.(frame.event)
    pending.get(frame.id)?.(frame)
    pending.delete(frame.id)
  }
  line.onClose = (code) => {
    for (const [id, settle] of pending) settle({ id, ok: false, error: { code: 'unreachable' } })
    pending.clear()
    agent.onClose?.(code)
  }
  const hello = { protocol: 1, afterSeq: 0 } satisfies Request<'agent.hello'>
  await agent.call('agent.hello', hello).catch((error: unknown) => {
    line.terminate()
    throw error
  })
  return agent
}

type Caller = Pick<BenchAgent, 'call'>

/** One complete sign-in; throws unless the person is signed in by it. */
export async function signIn(agent: Caller, { badge, passkey, userHandle }: BenchPerson) {
  const tapId = randomBytes(8).toString('hex')
  const tap = { tapId, badge, reader: 'bench', purpose: 'sign-in' } as const
  const identified = await agent.call('tap.identify', tap)
  if (identified.outcome !== 'identified') throw new CallError(`tap ${identified.outcome}`)
  const { ceremonyId, options } = identified.ceremony
  const answer = await agent.call('session.start', {
    ceremonyId,
    response: passkey.assert(options, { userHandle }),
  })
  if (answer.outcome !== 'signed-in') throw new CallError(`refused ${answer.reason}`)
  return answer
}
