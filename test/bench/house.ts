import { type BenchAgent, connectAgent } from './agent-client.ts'
import { type DatabaseSettings, type Ground, openBenchDatabase } from './databases.ts'
import { type BenchPerson, load } from './people.ts'
import { type ServerProcess, type StartOptions, startServer } from './processes.ts'
import { builtServer } from './server/built.ts'

/** A node of the product on a database, on core 0. */
export const startNode = async (
  ground: Ground,
  settings: { readonly database: DatabaseSettings } & Record<string, unknown>,
  options: Pick<StartOptions, 'execArgv'> = {},
): Promise<ServerProcess> =>
  startServer({
    script: await builtServer(),
    settings,
    flushDelay: ground.engine === 'sqlite' ? ground.flushDelay : 0,
    ...options,
  })

/** A new database with these people in it. */
export async function peopled(
  ground: Ground,
  people: readonly BenchPerson[],
): Promise<DatabaseSettings> {
  const database = await ground.create()
  const db = await openBenchDatabase(database)
  await db.write((tx) => load(tx, people))
  await db.close()
  return database
}

/** Agents of as many seats, some at a time. */
export async function connectSeats(
  options: { readonly url: string },
  count: number,
): Promise<BenchAgent[]> {
  const agents: BenchAgent[] = []
  const atOnce = 16
  for (let at = 0; at < count; at += atOnce)
    agents.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(atOnce, count - at) }, (_, offset) =>
          connectAgent({ ...options, workstation: `ws-${at + offset}` }),
        ),
      )),
    )
  return agents
}
