import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pLimit from 'p-limit'
import { serviceBackoff, waitBefore } from '../../main/authority/protocol/backoff.ts'
import { createTestCa } from '../support/certificates.ts'
import { type BenchAgent, connectAgent, signIn } from './agent-client.ts'
import {
  type DatabaseSettings,
  type Engine,
  openBenchDatabase,
  prepareGround,
} from './databases.ts'
import { percentile, type Report, round } from './figures.ts'
import { peopled, startNode } from './house.ts'
import { isRefused } from './agent-line.ts'
import { type BenchMachine, inventMachines, loadMachines, type Proof, proofOf } from './machines.ts'
import { type BenchPerson, invent } from './people.ts'
import { cpuOfChildren } from './processes.ts'
import { measureFloor } from './sign-in/floor.ts'

export interface AgentsOptions {
  readonly engines: readonly Engine[]
  readonly agents: number
  readonly tell: Report
}

type Client = { readonly url: string }
type Memory = { readonly rss: number; readonly heapUsed: number }
const moves = 200

/** Many agents over TLS on one node: what each costs, how soon one is told, how all come back. */
export async function benchAgents({ engines, agents, tell }: AgentsOptions): Promise<void> {
  const people = invent(moves)
  const machines = await inventMachines(agents)
  const ca = await createTestCa()
  for (const engine of engines) {
    const ground = await prepareGround(engine)
    const databaseCpu = () => (ground.cluster ? cpuOfChildren(ground.cluster.pid) : 0)
    const tls = { certificate: join(ground.folder, 'tls.crt'), key: join(ground.folder, 'tls.key') }
    await ca.issue({
      names: ['127.0.0.1'],
      certificateFile: tls.certificate,
      keyFile: tls.key,
    })
    try {
      const database = await peopled(ground, people)
      await housed(database, machines)
      const execArgv = ['--expose-gc']
      let server = await startNode(ground, { database, tls, timesCommits: true }, { execArgv })
      const { url } = server
      const client = { url }

      // The first few make room that all share.
      const first = machines.slice(0, 100)
      const seats = await connectAll(client, first)
      await delay(500)
      const before = (await server.ask('memory')) as Memory
      const begun = performance.now()
      seats.push(...(await connectAll(client, machines.slice(first.length))))
      const joined = seats.length - first.length
      const seconds = (performance.now() - begun) / 1000
      await delay(1000)
      const after = (await server.ask('memory')) as Memory
      const kbEach = (after.rss - before.rss) / 1024 / joined
      tell({
        name: 'agents.memory',
        engine,
        agents: seats.length,
        kbEach: round(kbEach),
        heapKbEach: round((after.heapUsed - before.heapUsed) / 1024 / joined),
        joinedPerSecond: round(joined / seconds),
        met: kbEach <= 60,
      })

      const told = await measureNews(seats, people, async () =>
        Number(await server.ask('committed')),
      )
      tell({
        name: 'agents.news',
        engine,
        agents: seats.length,
        p50: round(percentile(told, 0.5)),
        p99: round(percentile(told, 0.99)),
        met: percentile(told, 0.99) < 5,
      })

      const live = await liveOf(database)
      const back = seats.map((seat, at) => {
        const machine = machines[at]
        if (!machine) throw new Error('An agent without a machine.')
        return comeBack(seat, { ...client, machine, proof: proofOf(machine, url) })
      })
      const port = Number(new URL(url).port)
      await server.kill('SIGKILL')
      const killed = performance.now()
      server = await startNode(ground, { database, tls, port }, { execArgv })
      const spent = { node: server.cpu(), client: process.cpuUsage(), database: databaseCpu() }
      const served = performance.now()
      const servedAfter = served - killed
      await server.ask('lag')
      const again = await Promise.all(back)
      const clientCpu = process.cpuUsage(spent.client)
      const since = again.filter(({ at }) => at > served).length
      const cpuEach = (all: number) => round(all / since)
      const cpu = {
        nodeCpu: cpuEach(server.cpu() - spent.node),
        clientCpu: cpuEach(clientCpu.user + clientCpu.system),
        databaseCpu: ground.cluster ? cpuEach(databaseCpu() - spent.database) : null,
      }
      const allBack = Math.max(...again.map(({ at }) => at)) - killed
      const lag = Number(await server.ask('lag'))
      const { sessions, people: persons } = await liveOf(database)
      tell({
        name: 'agents.restart',
        engine,
        agents: seats.length,
        servedAfter: round(servedAfter),
        allBack: round(allBack),
        /** The longest stop of the event loop. */
        lag: round(lag),
        /** Of one that comes back, µs, beside one P-256 verification on this machine at this hour. */
        ...cpu,
        floorCpu: round(measureFloor()),
        attempts: again.reduce((sum, { attempts }) => sum + attempts, 0),
        sessionsBefore: live.sessions,
        sessionsAfter: sessions,
        duplicates: sessions - persons,
        met: allBack <= 15_000 && lag < 200 && sessions === persons && sessions === live.sessions,
      })
      for (const { agent } of again) agent.close()
      await server.kill()
    } finally {
      await ground.dispose()
    }
  }
  await ca.dispose()
}

/** Their owners' machines are known to the authority. */
async function housed(
  database: DatabaseSettings,
  machines: readonly BenchMachine[],
): Promise<void> {
  const db = await openBenchDatabase(database)
  await db.write((tx) => loadMachines(tx, machines))
  await db.close()
}

/** Agents of these machines, some at a time. */
async function connectAll(
  client: Client,
  machines: readonly BenchMachine[],
): Promise<BenchAgent[]> {
  const agents: BenchAgent[] = []
  const atOnce = 16
  for (let at = 0; at < machines.length; at += atOnce)
    agents.push(
      ...(await Promise.all(
        machines.slice(at, at + atOnce).map((machine) =>
          connectAgent({
            ...client,
            workstation: machine.workstation,
            proof: proofOf(machine, client.url),
          }),
        ),
      )),
    )
  return agents
}

/** Of the machine, the same in all processes, ms. */
const machineTime = (): number => Number(process.hrtime.bigint()) / 1e6

/**
 * From the durable commit to the seat that is told, ms: a person goes on at another seat, and the one
 * that was left hears of it. `committed`: when the last commit was, by the same clock.
 */
async function measureNews(
  seats: readonly BenchAgent[],
  people: readonly BenchPerson[],
  committed: () => Promise<number>,
): Promise<number[]> {
  const times: number[] = []
  for (const [index, person] of people.entries()) {
    const from = seats[(index * 13) % seats.length]
    const to = seats[(index * 13 + 7) % seats.length]
    if (!from || !to) continue
    await signIn(from, person)
    const heard = new Promise<number>((resolve) => {
      from.onEvent = ({ type }) => {
        if (type === 'session.ended') resolve(machineTime())
      }
    })
    await signIn(to, person)
    times.push((await heard) - (await committed()))
    from.onEvent = null
  }
  return times
}

/** One process stands for thousands: with all of them under way its own event loop would be measured. */
const inTurn = pLimit(512)

interface Returning extends Client {
  readonly machine: BenchMachine
  /** Signed ahead: thousands of computers do that at the same time, each for itself. */
  readonly proof: Proof
}

/** As an agent does it: waits, tries again, waits longer. */
async function comeBack(
  seat: BenchAgent,
  { machine, ...client }: Returning,
): Promise<{ at: number; attempts: number; agent: BenchAgent }> {
  const closeCode = await new Promise<number>((resolve) => {
    seat.onClose = resolve
  })
  let { proof } = client
  for (let attempts = 0; ; attempts += 1) {
    await delay(waitBefore({ attempts, closeCode }, serviceBackoff, Math.random()))
    try {
      const { workstation } = seat
      const agent = await inTurn(() => connectAgent({ ...client, workstation, proof }))
      return { at: performance.now(), attempts: attempts + 1, agent }
    } catch (error) {
      // The node is not back yet, or it has seen the proof.
      if (!isRefused(error)) proof = proofOf(machine, client.url)
    }
  }
}

async function liveOf(database: DatabaseSettings): Promise<{ sessions: number; people: number }> {
  const db = await openBenchDatabase(database)
  const rows = await db.read
    .selectFrom('sessions')
    .select('person_id')
    .where('ended_at', 'is', null)
    .execute()
  await db.close()
  return { sessions: rows.length, people: new Set(rows.map((row) => row.person_id)).size }
}
