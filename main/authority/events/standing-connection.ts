import type { Client } from 'pg'
import { connectPostgres, type PostgresSession } from '../../store/postgres/index.ts'

const firstWait = 50
const longestWait = 2_000
/** How often a connection on which nothing comes shows that it is alive, ms. */
const checkEvery = 5_000

export interface StandingConnectionOptions {
  readonly session: PostgresSession
  /** Run on every new connection before it counts. */
  readonly prepare?: (client: Client) => Promise<unknown>
  readonly onUp?: () => void
  readonly onDown?: () => void
}

export interface StandingConnection {
  /** Null while there is none. */
  readonly client: Client | null
  dispose(): Promise<void>
}

/** A connection of one's own to PostgreSQL that comes back by itself, outside of any pool. */
export function standingConnection({
  session,
  prepare = () => Promise.resolve(),
  onUp = () => {},
  onDown = () => {},
}: StandingConnectionOptions): StandingConnection {
  let client: Client | null = null
  let disposed = false
  let attempts = 0
  let timer: NodeJS.Timeout | null = null
  let connecting: Promise<void> | null = null

  async function connect(): Promise<void> {
    try {
      const fresh = await connectPostgres({ statementTimeout: 5_000, ...session })
      if (disposed) return await fresh.end()
      await begin(fresh)
    } catch {
      again()
    }
  }

  async function begin(fresh: Client): Promise<void> {
    let ended = false
    fresh.once('end', () => {
      ended = true
      lost(fresh)
    })
    try {
      await prepare(fresh)
    } catch (error) {
      // The next try makes a connection of its own.
      void fresh.end().catch(() => {})
      throw error
    }
    if (ended) throw new Error('lost while it was prepared')
    client = fresh
    attempts = 0
    timer = setInterval(() => check(fresh), checkEvery)
    timer.unref()
    onUp()
  }

  function check(open: Client): void {
    open.query('select 1').catch(() => {
      void open.end().catch(() => {})
      // A dead line does not even end.
      lost(open)
    })
  }

  function lost(which: Client): void {
    if (client !== which) return
    client = null
    if (timer) clearInterval(timer)
    onDown()
    again()
  }

  function again(): void {
    if (disposed) return
    const wait = Math.min(longestWait, firstWait * 2 ** Math.min(attempts, 8))
    attempts += 1
    timer = setTimeout(start, wait * (0.5 + Math.random() / 2))
    timer.unref()
  }

  function start(): void {
    connecting = connect()
  }

  start()
  return {
    get client() {
      return client
    },
    async dispose() {
      disposed = true
      if (timer) clearTimeout(timer)
      await connecting
      const open = client
      client = null
      await open?.end().catch(() => {})
    },
  }
}
