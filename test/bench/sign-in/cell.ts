import { setTimeout as delay } from 'node:timers/promises'
import { signIn } from '../agent-client.ts'
import type { DatabaseSettings, Ground } from '../databases.ts'
import { closedLoop, failuresOf, summary } from '../drive.ts'
import { connectSeats, peopled, startNode } from '../house.ts'
import type { BenchPerson } from '../people.ts'
import { cpuOfChildren, type ServerProcess } from '../processes.ts'

/** One contender on one database, ready to be signed in to. */
export interface Contender {
  readonly name: string
  readonly server: ServerProcess
  signIn(person: BenchPerson, lane: number): Promise<void>
  /** Ends every session, so that all can sign in again. */
  reset(): Promise<void>
  close(): Promise<void>
}

export interface Cell {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** CPU time of the server's process per sign-in, µs. */
  readonly cpu: number
  /** CPU time of PostgreSQL's connections per sign-in, µs. */
  readonly databaseCpu: number | null
  readonly rssMb: number
  readonly failed: number
}

export interface CellOptions {
  readonly contender: Contender
  readonly ground: Ground
  /** Whose turn it is; null: nobody is left. */
  readonly next: () => BenchPerson | null
  readonly lanes: number
  readonly seconds: number
  readonly most: number
}

export async function measureCell(options: CellOptions): Promise<Cell> {
  const { contender, ground, next, lanes, seconds, most: count } = options
  const { server } = contender
  const databaseCpu = () => (ground.cluster ? cpuOfChildren(ground.cluster.pid) : 0)
  const [before, databaseBefore] = [server.cpu(), databaseCpu()]
  const driven = await closedLoop({ count, lanes, seconds }, async (_index, lane) => {
    const person = next()
    if (person) await contender.signIn(person, lane)
  })
  const done = driven.times.length
  return {
    ...summary(driven),
    cpu: (server.cpu() - before) / done,
    databaseCpu: ground.cluster ? (databaseCpu() - databaseBefore) / done : null,
    rssMb: server.usage().rssMb,
    failed: failuresOf(driven),
  }
}

const most = 64
const seats = 256

/** The product over its WebSocket, on a new database with these people. */
export const openLanyard = async (
  ground: Ground,
  people: readonly BenchPerson[],
): Promise<Contender> => openLanyardOn(ground, await peopled(ground, people))

/** An agent per lane, and of its seats each in turn. */
export async function openLanyardOn(
  ground: Ground,
  database: DatabaseSettings,
  execArgv: readonly string[] = [],
): Promise<Contender> {
  const server = await startNode(ground, { database }, { execArgv })
  const agents = await connectSeats({ url: server.url }, seats)
  const turns = Array.from({ length: most }, (_, lane) => lane)
  return {
    name: 'lanyard',
    server,
    async signIn(person, lane) {
      const turn = turns[lane] ?? lane
      turns[lane] = (turn + most) % seats
      const agent = agents[turn]
      if (agent) await signIn(agent, person)
    },
    async reset() {
      await server.ask('end-sessions')
    },
    async close() {
      for (const agent of agents) agent.close()
      await delay(50)
      await server.kill()
    },
  }
}
