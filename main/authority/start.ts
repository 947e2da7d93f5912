import { randomPiece } from '../random.ts'
import { createAuditLog } from '../audit/index.ts'
import { databasePath, openDatabase, type ReserveState } from '../store/index.ts'
import type { Database } from '../store/port.ts'
import { createAuthority } from './authority.ts'
import { createClock } from './clock.ts'
import type { AuthorityContext } from './context.ts'
import { describeError } from '../describe-error.ts'
import { log } from './log.ts'
import { createOauth } from './oauth/index.ts'
import type { StartMessage } from './protocol/index.ts'
import { authenticateEmbedded } from './server/authentication.ts'
import { listen } from './server/server.ts'
import { createTimers } from './server/timers.ts'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))

/** Where time comes from; the sandbox passes a clock of its own that it can move on. */
export interface TimeSource {
  /** ms since the epoch, may jump. */
  readonly wall: () => number
  /** ms since any moment, never goes back. */
  readonly monotonic: () => number
}

const machineTime: TimeSource = { wall: () => Date.now(), monotonic: () => performance.now() }

export interface RunningAuthority {
  readonly url: string
  /** Looks now at what is due, as after the time source was moved. */
  wake(): void
  /** Drains, signs a last checkpoint, closes. */
  stop(): Promise<void>
}

/** Time of the newest record, ms; 0 for a new log. */
export async function newestRecord({ read }: Pick<Database, 'read'>): Promise<number> {
  const { newest } = await read
    .selectFrom('auditRecord')
    .select(({ fn }) => fn.max('time').as('newest'))
    .executeTakeFirstOrThrow()
  return newest ?? 0
}

/** Everything an embedded authority is made of, from the file of its database to its port. */
export async function startAuthority(
  message: StartMessage,
  time: TimeSource = machineTime,
): Promise<RunningAuthority> {
  const { dataDirectory, policy, rpId, workstation, keys } = message
  let reserve: ReserveState = 'held'
  let wake = () => {}
  const db = await openDatabase({
    path: databasePath(dataDirectory),
    onReserve: (state) => {
      reserve = state
      log('warn', `reserve-${state}`)
      wake()
    },
  })
  const undo: (() => Promise<unknown>)[] = [() => db.close()]
  try {
    const clock = createClock({
      ...time,
      newestRecord: await newestRecord(db),
      onForward: () => wake(),
    })
    const audit = await createAuditLog({
      db,
      seed: bytes(keys.log),
      origin: `${rpId}/${workstation.id}`,
      now: clock.now,
      onTrouble: (error) => log('error', 'log-not-sequenced', describeError(error)),
    })
    undo.push(() => audit.dispose())
    const server = await listen({ port: message.port })
    undo.push(() => server.dispose())
    const context: AuthorityContext = {
      db,
      audit,
      policy,
      now: clock.now,
      randomId: () => Buffer.from(randomPiece(16)).toString('base64url'),
      rpId,
      origin: `https://agent.${rpId}`,
      issuer: server.url,
      badgeKey: { version: keys.badge.version, key: bytes(keys.badge.key) },
    }
    const authority = await createAuthority({
      ...context,
      createOauth,
      applications: message.applications,
      idTokenKey: bytes(keys.idToken),
      cookieKey: bytes(keys.cookie),
      seed: message.seed,
      embeddedIn: workstation.id,
      clockJump: () => clock.jump(),
      reserveState: () => reserve,
    })
    const timers = createTimers({ now: clock.now, tick: () => authority.tick() })
    authority.onDue((at) => timers.due(at))
    wake = () => timers.due(0)
    server.serve({
      authority,
      authenticate: authenticateEmbedded(message.agentSecret, { workstation }),
    })
    return {
      url: server.url,
      wake: () => wake(),
      async stop() {
        await server.dispose()
        await timers.dispose()
        await authority.dispose()
        await audit.checkpoint()
        await audit.dispose()
        await db.close()
      },
    }
  } catch (error) {
    for (const step of undo.toReversed()) await step().catch(() => {})
    throw error
  }
}
