import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import {
  AuthorityError,
  type Call,
  type Request,
  type Response,
} from '../../main/authority/protocol/index.ts'
import { connectMachine } from '../../main/machine/connect-machine.ts'
import { enrolAt } from './house-seat.ts'
import type { ReadyPerson } from './many-people.ts'
import type { TwoNodes } from './two-nodes.ts'

/** One sign-in as its seat saw it. */
export interface SeenSignIn {
  readonly sessionId: string
  /** Counts connections: over which one the options came, and over which one the answer. */
  readonly asked: number
  readonly answered: number
  /** When the proof was sent the first time, and when it was answered, by `performance.now()`. */
  readonly sentAt: number
  readonly answeredAt: number
}

/** A seat at which one person signs in and out all the time. */
export interface BusySeat {
  readonly signIns: readonly SeenSignIn[]
  /** Answers that are neither what was asked for nor a refusal that may be tried again. */
  readonly wrong: readonly string[]
  /** Refusals that were tried again, by their code. */
  readonly refused: ReadonlyMap<string, number>
  /** When its connection was lost, by `performance.now()`. */
  readonly lostAt: readonly number[]
  /** Finishes what is under way. */
  stop(): Promise<void>
}

/** A person who was told one of these tries again. */
const retryable = new Set(['unreachable', 'store-busy'])

export async function openBusySeat(
  house: TwoNodes,
  { workstation, person }: { readonly workstation: string; readonly person: ReadyPerson },
): Promise<BusySeat> {
  const { machine } = await enrolAt(house, workstation)
  const client = connectMachine({
    machine,
    instance: randomBytes(8).toString('hex'),
    backoff: { first: 20, longest: 200 },
  })
  const signIns: SeenSignIn[] = []
  const wrong: string[] = []
  const refused = new Map<string, number>()
  const lostAt: number[] = []
  let connections = 0
  let stopped = false
  client.onConnection((state) => {
    if (state === 'online') connections += 1
    else lostAt.push(performance.now())
  })

  /** The same request until a node answers it. */
  async function insist<C extends Call>(call: C, params: Request<C>): Promise<Response<C>> {
    for (;;)
      try {
        return await client.call(call, params)
      } catch (error) {
        const code = error instanceof AuthorityError ? error.code : 'none'
        if (!retryable.has(code)) throw error
        refused.set(code, (refused.get(code) ?? 0) + 1)
        await pause(20)
      }
  }

  async function signIn(): Promise<void> {
    const tapId = randomBytes(8).toString('hex')
    const { badge } = person
    const tap = { tapId, badge, reader: 'test', purpose: 'sign-in' } as const
    const told = await insist('tap.identify', tap)
    if (told.outcome !== 'identified') throw new Error(`the tap was ${told.outcome}`)
    const asked = connections
    const { ceremonyId, options } = told.ceremony
    // A finger takes its time.
    await pause(Math.random() * 200)
    const sentAt = performance.now()
    const response = person.answer(options)
    const answer = await insist('session.start', { ceremonyId, response })
    if (answer.outcome !== 'signed-in') throw new Error(`the proof was ${answer.reason}`)
    const { sessionId } = answer.session
    const answeredAt = performance.now()
    signIns.push({ sessionId, asked, answered: connections, sentAt, answeredAt })
    await insist('session.end', { sessionId, reason: 'sign-out' })
  }

  async function work(): Promise<void> {
    // oxlint-disable-next-line no-unmodified-loop-condition -- `stop` does
    while (!stopped)
      await signIn().catch((error: unknown) => {
        wrong.push(error instanceof Error ? `${workstation}: ${error.message}` : 'no error')
      })
  }
  const working = work()
  return {
    signIns,
    wrong,
    refused,
    lostAt,
    async stop() {
      stopped = true
      await working
      await client.dispose()
    },
  }
}
