import { describeError } from '../../describe-error.ts'
import type { Database } from '../../store/port.ts'
import type { PostgresSession } from '../../store/postgres/index.ts'
import { log } from '../log.ts'
import { coalesce } from './coalesce.ts'
import { historyOf } from './history.ts'
import { createHorizonReader } from './horizon.ts'
import type { EventHub } from './hub.ts'
import { standingConnection } from './standing-connection.ts'

const channel = 'lanyard_events'
/** Wake-ups to other nodes, at most one every so many ms. */
const notifyPause = 5
/** A lost wake-up costs so much at most, ms. */
const defaultPoll = 1_000
/** How often it is looked whether the store still knows what agents were told, ms. */
const defaultLookBack = 3_000

export interface EventFeedOptions {
  readonly db: Pick<Database, 'read'>
  /** For two connections of the feed's own; not through a pooler that shares connections. */
  readonly session: PostgresSession
  readonly hub: Pick<EventHub, 'offer' | 'catchUp' | 'lookBack' | 'startAnew' | 'onCommitted'>
  readonly pollEvery?: number
  readonly lookBackEvery?: number
  /** Names the history that the database goes on with; null: not known. */
  readonly history?: () => Promise<string | null>
  /** Told of each event of another node that agents here were told, with the time it was written. */
  readonly onPassed?: (writtenAt: number) => void
}

export interface EventFeed {
  /** Whether other nodes' wake-ups are heard at the moment; if not, the poll is what remains. */
  readonly listening: boolean
  /** Reads now what was committed. */
  wake(): void
  dispose(): Promise<void>
}

/**
 * Carries events between the nodes of one authority: who committed some wakes the others with an
 * empty NOTIFY, and they read the store. The NOTIFY is sent after the commit and on a connection of
 * its own, because inside a transaction it makes all commits wait for one another. Nothing depends
 * on it arriving.
 */
export async function startEventFeed({
  db,
  session,
  hub,
  pollEvery = defaultPoll,
  lookBackEvery = defaultLookBack,
  history = () => historyOf(db),
  onPassed = () => {},
}: EventFeedOptions): Promise<EventFeed> {
  const reader = createHorizonReader(db)
  await reader.next()
  let known = await history()

  /** The server was away, and may be another one since. */
  let anew = false
  const reading = coalesce(async () => {
    const found = anew
    anew = false
    try {
      if (found) reader.forget()
      for (const { at } of hub.offer(await reader.next())) onPassed(at)
      // Behind the horizon, so that nothing falls between.
      if (found) await afterGap()
    } catch (error) {
      anew ||= found
      log('warn', 'events-not-read', describeError(error))
    }
  }, 0)

  async function afterGap(): Promise<void> {
    const before = known
    const found = await history()
    // The server is hardly back: it is asked again with the next reading.
    if (before !== null && found === null)
      throw new Error('The history of the database is not known.')
    known = found
    if (before !== null && known !== before) {
      log('warn', 'database-changed', { advice: 'All agents of this node begin anew.' })
      hub.startAnew()
    } else await hub.lookBack()
    void hub.catchUp()
  }
  const lookingBack = coalesce(async () => {
    try {
      await hub.lookBack()
    } catch (error) {
      log('warn', 'events-not-read', describeError(error))
    }
  }, 0)
  const notifier = standingConnection({ session })
  const notifying = coalesce(async () => {
    try {
      await notifier.client?.query(`notify ${channel}`)
    } catch (error) {
      log('warn', 'nodes-not-woken', describeError(error))
    }
  }, notifyPause)
  const listener = standingConnection({
    session,
    prepare: (client) => {
      client.on('notification', () => reading.want())
      return client.query(`listen ${channel}`)
    },
    // What was notified meanwhile was not heard.
    onUp: () => {
      log('info', 'nodes-heard')
      anew = true
      reading.want()
    },
    onDown: () => log('warn', 'nodes-not-heard'),
  })
  const poll = setInterval(() => reading.want(), pollEvery)
  const lookBack = setInterval(() => lookingBack.want(), lookBackEvery)
  hub.onCommitted(() => notifying.want())
  // Before the first horizon there may be agents and events already.
  void hub.catchUp()

  return {
    get listening() {
      return listener.client !== null
    },
    wake: () => reading.want(),
    async dispose() {
      clearInterval(poll)
      clearInterval(lookBack)
      hub.onCommitted(() => {})
      await notifying.dispose()
      await Promise.all([listener.dispose(), notifier.dispose()])
      await Promise.all([reading.dispose(), lookingBack.dispose()])
    },
  }
}
