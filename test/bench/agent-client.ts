import { randomBytes } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import { WebSocket } from 'ws'
import type { Call, Request, Response } from '../../main/authority/protocol/index.ts'
import { type BenchMachine, proofOf } from './machines.ts'
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
  /** Proves itself as this one; without, the server believes the name. */
  readonly machine?: BenchMachine
  /** The certificate that is expected, PEM. */
  readonly ca?: string
}

/** Each agent makes one once, not for every connection. */
const trusting = new Map<string, SecureContext>()
function contextFor(ca: string): SecureContext {
  const known = trusting.get(ca)
  if (known) return known
  const context = createSecureContext({ ca })
  trusting.set(ca, context)
  return context
}

/** Connects and says hello; rejects when it cannot. */
export async function connectAgent(options: ConnectOptions): Promise<BenchAgent> {
  const { url, workstation, machine, ca } = options
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/agent/v1/socket`, {
    headers: machine ? proofOf(machine, url) : { authorization: `Bearer ${workstation}` },
    handshakeTimeout: 10_000,
    perMessageDeflate: false,
    ...(ca === undefined ? {} : { secureContext: contextFor(ca) }),
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
        socket.send(JSON.stringify({ id, call, params }))
      })
    },
    close: () => socket.close(),
  }
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as Frame
    if ('event' in frame) return agent.onEvent?.(frame.event)
    pending.get(frame.id)?.(frame)
    pending.delete(frame.id)
  })
  socket.on('close', (code) => {
    for (const [id, settle] of pending) settle({ id, ok: false, error: { code: 'unreachable' } })
    pending.clear()
    agent.onClose?.(code)
  })
  // One that fails may fail twice, and the second time nobody waits any more.
  socket.on('error', () => {})
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  const hello = { protocol: 1, afterSeq: 0 } satisfies Request<'agent.hello'>
  await agent.call('agent.hello', hello).catch((error: unknown) => {
    socket.terminate()
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
