import { randomPiece } from '../../random.ts'
import { setTimeout as pause } from 'node:timers/promises'
import { createAuditLog, keptInFile } from '../../audit/index.ts'
import { describeError } from '../../describe-error.ts'
import type { Policy } from '../../policy/settings.ts'
import {
  openPostgres,
  type OpenPostgresOptions,
  type PostgresSession,
} from '../../store/postgres/index.ts'
import { type Database, StoreError } from '../../store/port.ts'
import { type Clock, createClock } from '../clock.ts'
import type { AuthorityContext } from '../context.ts'
import { log } from '../log.ts'
import { newestRecord } from '../start.ts'
import { createDatabaseTime, type DatabaseTime } from './database-time.ts'
import { databaseSession } from './database-session.ts'
import { createDatabaseWatch, type DatabaseWatch } from './database-watch.ts'
import type { ServiceKeys } from './keys.ts'
import type { ReadConfig } from './read-config.ts'
import { filePath } from './read-secret-file.ts'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
/** While the database cannot be reached it is tried again this often, ms. */
const again = 1_000

export interface OpenNodeOptions {
  readonly read: ReadConfig
  readonly keys: ServiceKeys
  /** What services are to hold; the file's own when left out. */
  readonly policy?: Policy
  /** Whether to wait for a database that is away. */
  readonly patient?: boolean
  /** Gives up waiting. */
  readonly signal?: AbortSignal
  readonly environment?: NodeJS.ProcessEnv
  readonly onRetry?: () => void
  /** Given once, to look at the pools of the database. */
  readonly onPools?: OpenPostgresOptions['onPools']
  /** Told when time has moved on by more than the monotonic clock says. */
  readonly onForward?: () => void
}

/** Database, time and log of one node, and what its services are given. */
export interface OpenNode {
  readonly session: PostgresSession
  readonly watch: DatabaseWatch
  readonly time: DatabaseTime
  readonly clock: Clock
  readonly context: AuthorityContext
  readonly idTokenKey: Uint8Array
  readonly cookieKey: Uint8Array
  /** Signs the log once more and closes everything; rejects with what went wrong first. */
  close(): Promise<void>
}

/** Rejects with `ConfigError`, `StoreError` or `AuditError`; nothing stays open then. */
export async function openNode(options: OpenNodeOptions): Promise<OpenNode> {
  const { read, keys, environment = process.env, onRetry = () => {}, onForward } = options
  const { config } = read
  const files = { folder: read.folder, environment }
  const session = await databaseSession(config.database, files)
  const watch = createDatabaseWatch(session)
  const undo: (() => Promise<unknown>)[] = [() => watch.close()]
  try {
    const { time, db } = await openDatabase()
    undo.push(() => db.close())
    const clock = createClock({
      ...time,
      newestRecord: await newestRecord(db),
      ...(onForward ? { onForward } : {}),
    })
    const audit = await createAuditLog({
      db,
      seed: bytes(keys.log),
      origin: logOrigin(config),
      now: clock.now,
      onTrouble: (error) => log('error', 'log-not-sequenced', describeError(error)),
      ...(config.keptCheckpoint
        ? {
            keptCheckpoint: keptInFile(
              filePath('keptCheckpoint.file', config.keptCheckpoint.file, files),
            ),
          }
        : {}),
    })
    undo.push(
      () => audit.dispose(),
      async () => void (await audit.checkpoint()),
    )
    return {
      session,
      watch,
      time,
      clock,
      context: {
        db,
        audit,
        policy: options.policy ?? read.policy,
        now: clock.now,
        randomId: () => Buffer.from(randomPiece(16)).toString('base64url'),
        rpId: config.rpId,
        origin: `https://agent.${config.rpId}`,
        issuer: config.url,
        badgeKey: { version: keys.badge.version, key: bytes(keys.badge.key) },
      },
      idTokenKey: bytes(keys.idToken),
      cookieKey: bytes(keys.cookie),
      close: () => closeAll(undo),
    }
  } catch (error) {
    await closeAll(undo).catch(() => {})
    throw error
  }

  /** Anything else than a database that is away ends it. */
  async function openDatabase(): Promise<{ time: DatabaseTime; db: Database }> {
    for (;;)
      try {
        const time = await createDatabaseTime({ ask: () => watch.time() })
        const db = await openPostgres({
          ...session,
          poolSize: config.database.poolSize,
          now: () => Math.floor(time.wall()),
          onRetry,
          ...(options.onPools ? { onPools: options.onPools } : {}),
        })
        return { time, db }
      } catch (error) {
        const away = error instanceof StoreError && error.code === 'unreachable'
        if (!away || options.patient !== true) throw error
        log('warn', 'database-away', { advice: error.advice })
        await pause(again, undefined, options.signal ? { signal: options.signal } : {})
      }
  }
}

/** Name of the log; it must never change, so nothing stands in it that may. */
export const logOrigin = ({ rpId }: Pick<ReadConfig['config'], 'rpId'>): string =>
  `${rpId}/authority`

async function closeAll(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  let first: unknown
  for (const step of steps.toReversed())
    try {
      await step()
    } catch (error) {
      first ??= error
    }
  if (first !== undefined) throw first
}
