import type { Duplex } from 'node:stream'
import { Client, type ClientConfig, Pool, type PoolClient } from 'pg'
import type { NoticeMessage } from 'pg-protocol/dist/messages'
import { isStalePlan, postgresError, translate } from './errors.ts'
import { clientConfig, longestSilence, type PostgresSession } from './options.ts'
import { type Servers, serversOf } from './servers.ts'
import { isAway, prepareSession } from './session.ts'
import { type Answer, type Asked, Statement, Wire } from './statement.ts'

export interface ConnectionsOptions {
  readonly session: PostgresSession
  readonly size: number
  /** How many may wait for a connection at a time; one more is refused at once. */
  readonly maxWaiting: number
  /** How long one waits, in ms. */
  readonly waitTimeout: number
}

/** Connections of a pool, and who waits for one. */
export interface PoolUse {
  readonly inUse: number
  readonly idle: number
  readonly waiting: number
}

/** A bounded pool with a bounded queue: under too much load it refuses instead of piling up. */
export class Connections {
  readonly #pool: Pool
  readonly #servers: Servers
  readonly #maxWaiting: number
  readonly #clients = new Set<PoolClient>()
  readonly #watch: NodeJS.Timeout
  #closed = false

  constructor({ session, size, maxWaiting, waitTimeout }: ConnectionsOptions) {
    this.#maxWaiting = maxWaiting
    const servers = (this.#servers = serversOf(session))
    this.#pool = new Pool({
      // Each new connection goes to where the primary was seen last.
      Client: class extends Client {
        constructor(config?: ClientConfig) {
          super({ ...config, ...servers.current })
        }
      },
      ...clientConfig(session),
      max: size,
      idleTimeoutMillis: 60_000,
      maxLifetimeSeconds: 3600,
      connectionTimeoutMillis: waitTimeout,
      onConnect: (client) => prepareSession(client, session),
      // A timer for each query would be dear: V8 then copies each one's memory twice. See `#watch`.
      query_timeout: 0,
    })
    this.#watch = watchSilence(this.#clients, longestSilence(session))
    // A lost connection is found by who uses it next; idle ones are dropped by the pool.
    this.#pool.on('error', () => {})
    this.#pool.on('connect', (client) => {
      client.on('error', () => {})
      this.#clients.add(client)
    })
    this.#pool.on('remove', (client) => this.#clients.delete(client))
  }

  async take(): Promise<Connection> {
    if (this.#closed) throw postgresError('closed', 'The database is closed.')
    if (this.#pool.waitingCount >= this.#maxWaiting)
      throw postgresError('busy', 'Too many wait for the database.')
    const servers = this.#servers
    for (let left = servers.addresses.length; ; left -= 1) {
      const address = servers.current
      try {
        return new Connection(await this.#connect())
      } catch (error) {
        if (isAway(error)) servers.leave(address)
        if (left === 1 || !isAway(error)) throw error
      }
    }
  }

  async #connect(): Promise<PoolClient> {
    try {
      for (;;) {
        const client = await this.#pool.connect()
        if (!this.#servers.isReplaced(client)) return client
        client.release(true)
      }
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('timeout exceeded'))
        throw postgresError('busy', 'The database had no connection free in time.')
      throw translate(error)
    }
  }

  /** At this moment. */
  get use(): PoolUse {
    const { totalCount, idleCount, waitingCount } = this.#pool
    return { inUse: totalCount - idleCount, idle: idleCount, waiting: waitingCount }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#pool.end()
    clearInterval(this.#watch)
    // Those that were lost and still wait for answers.
    for (const client of this.#clients) cut(client)
  }
}

/** Statements that are prepared per connection; each costs memory in the server. */
const maxPrepared = 256
const names = new Map<string, string>()

function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined || names.size >= maxPrepared) return known
  const name = `s${names.size}`
  names.set(text, name)
  return name
}

const wires = new WeakMap<PoolClient, Wire>()

function wireOf(client: PoolClient): Wire {
  const known = wires.get(client)
  if (known) return known
  const wire = new Wire(client)
  wires.set(client, wire)
  return wire
}

/** How often it is looked whether a server still answers, ms. */
const lookEvery = 1000

/** Cuts connections whose server owes an answer and gives none for `longest` ms. */
function watchSilence(clients: ReadonlySet<PoolClient>, longest: number): NodeJS.Timeout {
  const watch = setInterval(() => {
    for (const client of clients) {
      const wire = wireOf(client)
      wire.looks = wire.owed === 0 ? 0 : wire.looks + 1
      if (wire.looks * lookEvery > longest) cut(client)
    }
  }, lookEvery)
  return watch.unref()
}

/** Whatever waits for its answers hears that there is no connection. */
function cut(client: PoolClient): void {
  const { connection } = client as unknown as { readonly connection: { stream: Duplex } }
  connection.stream.destroy()
}

export interface QueryOptions {
  /** Whether the server may keep the statement for the next time. */
  readonly prepared?: boolean
  readonly inParts?: boolean
  /** In a transaction, where none after one that fails is carried out. */
  readonly inTransaction?: boolean
  /** Told of a failure before who asked is. */
  readonly failed?: (error: Error) => void
}

/** One connection while one caller has it. */
export class Connection {
  readonly #client: PoolClient
  readonly #wire: Wire
  /** Whether its state is unknown, so that nobody may use it again. */
  #broken = false

  readonly #lose = () => {
    this.#broken = true
  }

  /** The server stopped waiting for its standby and says `COMMIT`: a failover would lose it. */
  readonly #heed = ({ routine }: NoticeMessage) => {
    if (routine === 'SyncRepWaitForLSN') this.#broken = true
  }

  constructor(client: PoolClient) {
    this.#client = client
    this.#wire = wireOf(client)
    client.on('error', this.#lose)
    client.on('notice', this.#heed)
  }

  get broken() {
    return this.#broken
  }

  /** One or more commands without parameters, in one message: what was done. Rejects as `query`. */
  async command(text: string): Promise<string> {
    const { tag } = await this.#run({ text })
    if (this.#broken) throw postgresError('unreachable', 'No standby has what was written.')
    return tag
  }

  /** Rejects with what the port promises, or `Conflict`. */
  query(
    text: string,
    values: readonly unknown[],
    {
      prepared = true,
      inParts = false,
      inTransaction = false,
      failed = () => {},
    }: QueryOptions = {},
  ): Promise<Answer> {
    if (values.length === 0 && !inParts) return this.#run({ text }, { failed })
    const name = prepared ? nameOf(text) : undefined
    const asked = { text, values, inParts, ...(name === undefined ? {} : { name }) }
    return this.#run(asked, { failed, inTransaction })
  }

  #run(
    asked: Asked,
    {
      failed = () => {},
      inTransaction = false,
    }: Pick<QueryOptions, 'failed' | 'inTransaction'> = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const wire = this.#wire
      wire.owed += 1
      const done = (error: Error | null, answer: Answer) => {
        wire.owed -= 1
        wire.looks = 0
        if (!error) return resolve(answer)
        const known = this.#notice(error)
        failed(known)
        reject(known)
      }
      const statement = new Statement(wire, asked, done)
      if (inTransaction) wire.runWithOthers(statement)
      else wire.run(statement)
    })
  }

  release(): void {
    this.#client.off('error', this.#lose)
    this.#client.off('notice', this.#heed)
    this.#client.release(this.#broken)
  }

  #notice(error: unknown): Error {
    const known = translate(error)
    const code = 'code' in known ? known.code : null
    if (code === 'unreachable' || code === 'io' || isStalePlan(error)) this.#broken = true
    return known
  }
}
