import { setTimeout as pause } from 'node:timers/promises'
import type { Moments } from './committed-moments.ts'
import { startFaultyProxy } from './faulty-proxy.ts'
import { openQuery } from './schema-query.ts'
import { startTwoNodes, type TwoNodes, type TwoNodesOptions, type Which } from './two-nodes.ts'

/** What somebody asks of a node that may die, and says again to another one when it was not heard. */
export interface Request {
  /** Rejects when no answer came, or another one than should have. */
  readonly ask: (node: Which) => Promise<unknown>
  /** As `ask` when left out. */
  readonly askAgain?: (node: Which) => Promise<unknown>
  /** Rejects when it did not happen exactly once. */
  readonly check: () => Promise<void>
  /** So many transactions make up its whole; one when left out. */
  readonly commits?: number
}

/** Two nodes, a database on another machine, and kills of one node or the other. */
export interface KillingGround {
  readonly house: TwoNodes
  readonly query: Moments['query']
  /** Asks everything of one node, which dies some time meanwhile, and what it did not answer of the other. */
  round(requests: readonly Request[]): Promise<void>
  /** Requests that were made so far, and those that had no answer. */
  readonly count: { readonly made: number; readonly unheard: number }
  dispose(): Promise<void>
}

/** From a node to its database and back, ms: what is committed is not known at once. */
const way = () => 4 + Math.random() * 8

export async function openKillingGround({
  session,
  ...options
}: TwoNodesOptions): Promise<KillingGround> {
  const near = new URL(session.connectionString)
  const line = await startFaultyProxy({ host: near.hostname, port: Number(near.port) })
  const far = new URL(near)
  far.port = String(line.port)
  const house = await startTwoNodes({
    ...options,
    session: { ...session, connectionString: far.href },
  }).catch(async (error: unknown) => {
    await line.dispose()
    throw error
  })
  const { query, close } = openQuery(session)
  const commits = async () =>
    Number((await query('select count(distinct xid) from "auditRecord"'))[0]?.['count'])

  let victim: Which = 0
  /** How long it takes until all is answered, or so much of it as there was time for, ms. */
  let usual = 100
  const count = { made: 0, unheard: 0 }

  /** Any moment, or the one at which something is committed and its node does not know it yet. */
  async function moment(expected: number, answered: Promise<unknown>): Promise<void> {
    const over = new AbortController()
    void answered.then(() => over.abort())
    if (Math.random() < 0.3)
      return void (await Promise.race([answered, pause(Math.random() * usual * 1.5)]))
    const enough = (await commits()) + 1 + Math.floor(Math.random() * expected)
    while (!over.signal.aborted && (await commits()) < enough);
  }

  return {
    house,
    query,
    count,
    async round(requests) {
      const other: Which = victim === 0 ? 1 : 0
      // Whoever looks for a node finds the one that stays.
      house.choose(other)
      line.delay = way
      const began = performance.now()
      const asked = Promise.allSettled(
        requests.map(async ({ ask }) => {
          await pause((Math.random() * usual) / 2)
          await ask(victim)
        }),
      )
      const expected = requests.reduce((sum, { commits: more = 1 }) => sum + more, 0)
      await moment(expected, asked)
      usual = Math.max(usual, performance.now() - began)
      house.nodes[victim].signal('SIGKILL')
      const answers = await asked
      const again = requests.filter((_, at) => answers[at]?.status === 'rejected')
      line.delay = () => 0
      // At once: what the dead node had sent may still take place.
      await Promise.all(again.map(({ ask, askAgain = ask }) => askAgain(other)))
      count.made += requests.length
      count.unheard += again.length
      await house.restart(victim)
      for (const { check } of requests) await check()
      victim = other
    },
    async dispose() {
      await house.dispose()
      await close()
      await line.dispose()
    },
  }
}
