import type { AuditLog } from '../../audit/port.ts'
import type { Database, Tx } from '../../store/port.ts'
import type { LiveSession } from '../context.ts'
import { reserveOf } from '../reserve.ts'
import { purposeOf } from './claims.ts'
import type { RefusalLimit } from './refusal-limit.ts'
import { hashSecret, newSecret } from './secrets.ts'

/** Life of a handle until the view opens it, and of the launch value until the client uses it, ms. */
export const LAUNCH_LIFE = 60_000

export type LaunchRefusal =
  'unknown' | 'expired' | 'used' | 'session-ended' | 'other-client' | 'other-partition'

export interface LaunchOptions {
  readonly db: Database
  readonly audit: Pick<AuditLog, 'append'>
  readonly now: () => number
  readonly live: (sessionId: string) => Promise<LiveSession | null>
  readonly limit: RefusalLimit
}

export type Opened =
  | {
      readonly ok: true
      readonly application: string
      /** For the client, once. */
      readonly launch: string
      /** For the cookie of the partition that opened the handle. */
      readonly partition: string
    }
  | { readonly ok: false; readonly reason: LaunchRefusal }
export type Used =
  | { readonly ok: true; readonly session: LiveSession }
  | { readonly ok: false; readonly reason: LaunchRefusal }

const recordOf = (session: LiveSession, now: number) => ({
  actor: session.personId,
  workstation: session.workstation,
  session: session.sessionId,
  patient: session.patient,
  assurance: { aal: session.aal, verifiedAt: session.verifiedAt },
  purposeOfUse: purposeOf(session, now),
})
const nobody = {
  actor: null,
  workstation: null,
  session: null,
  patient: null,
  assurance: null,
  purposeOfUse: null,
}

/** Each step depends on one row, by one conditional statement. */
const lockOf = (handleHash: string) => `launch:${handleHash}`

async function sweep(tx: Tx, at: number): Promise<void> {
  await tx
    .deleteFrom('oauth_launch')
    .where('expires_at', '<=', at - LAUNCH_LIFE)
    .execute()
  await tx.deleteFrom('oauth_record').where('expires_at', '<=', at).execute()
}

/**
 * One-time launches, in three steps: the agent creates a handle, the session's view opens it once
 * and gets a launch value and a cookie, the application's authorization request uses both once.
 * Refusals are recorded with their reason, those of strangers up to a limit; nothing shows it.
 */
export const createLaunches = ({ db, audit, now, live, limit }: LaunchOptions) => {
  /** What has expired is removed now and then, not by every launch: all would want the same rows. */
  let sweepAt = 0

  const refuse = async (
    reason: LaunchRefusal,
    row: { session_id: string; workstation: string; application: string } | undefined,
    by: Readonly<Record<string, string>> = {},
  ): Promise<{ ok: false; reason: LaunchRefusal }> => {
    const taken = row === undefined ? limit.take() : { unrecorded: 0 }
    if (taken === null) return { ok: false, reason }
    const write = (tx: Tx) =>
      audit.append(tx, {
        ...nobody,
        event: 'launch.refused',
        outcome: 8,
        session: row?.session_id ?? null,
        workstation: row?.workstation ?? null,
        detail: {
          reason,
          application: row?.application ?? null,
          unrecorded: taken.unrecorded,
          ...by,
        },
      })
    // A record only: it depends on nothing.
    await db.write(write, { lock: [] })
    return { ok: false, reason }
  }

  return {
    /** A new handle; the record of it is durable when it is returned. */
    async create(session: LiveSession, application: string) {
      const handle = newSecret()
      const handleHash = hashSecret(handle)
      const at = now()
      const sweeps = at >= sweepAt
      if (sweeps) sweepAt = at + LAUNCH_LIFE
      await db.write(
        async (tx) => {
          if (sweeps) await sweep(tx, at)
          await tx
            .insertInto('oauth_launch')
            .values({
              handle_hash: handleHash,
              session_id: session.sessionId,
              application,
              workstation: session.workstation,
              created_at: at,
              expires_at: at + LAUNCH_LIFE,
              opened_at: null,
              launch_hash: null,
              partition_hash: null,
              used_at: null,
            })
            .execute()
          await audit.append(tx, {
            ...recordOf(session, at),
            event: 'launch.created',
            outcome: 0,
            detail: { application },
          })
        },
        { ...reserveOf(session), lock: [lockOf(handleHash), ...(sweeps ? ['launch-sweep'] : [])] },
      )
      return { handle, expiresAt: at + LAUNCH_LIFE }
    },

    async open(handle: string): Promise<Opened> {
      const handleHash = hashSecret(handle)
      const row = await db.read
        .selectFrom('oauth_launch')
        .selectAll()
        .where('handle_hash', '=', handleHash)
        .executeTakeFirst()
      if (row === undefined) return refuse('unknown', row)
      if (row.opened_at !== null) return refuse('used', row)
      if (row.expires_at <= now()) return refuse('expired', row)
      const session = await live(row.session_id)
      if (session === null) return refuse('session-ended', row)

      const launch = newSecret()
      const partition = newSecret()
      const at = now()
      const opened = await db.write(
        async (tx) => {
          const updated = await tx
            .updateTable('oauth_launch')
            .set({
              opened_at: at,
              expires_at: at + LAUNCH_LIFE,
              launch_hash: hashSecret(launch),
              partition_hash: hashSecret(partition),
            })
            .where('handle_hash', '=', handleHash)
            .where('opened_at', 'is', null)
            .where('expires_at', '>', at)
            .returning('application')
            .executeTakeFirst()
          if (updated === undefined) return undefined
          await audit.append(tx, {
            ...recordOf(session, at),
            event: 'launch.opened',
            outcome: 0,
            detail: { application: updated.application },
          })
          return updated
        },
        { ...reserveOf(session), lock: [lockOf(handleHash)] },
      )
      return opened === undefined
        ? refuse('used', row)
        : { ok: true, application: opened.application, launch, partition }
    },

    /** The application's own authorization request; `partition` is its cookie, if it has one. */
    async use(
      launch: string | undefined,
      partition: string | undefined,
      application: string,
    ): Promise<Used> {
      const by = { client: application }
      const row =
        launch === undefined
          ? undefined
          : await db.read
              .selectFrom('oauth_launch')
              .selectAll()
              .where('launch_hash', '=', hashSecret(launch))
              .executeTakeFirst()
      if (row === undefined) return refuse('unknown', row, by)
      if (row.application !== application) return refuse('other-client', row, by)
      if (row.used_at !== null) return refuse('used', row, by)
      if (row.expires_at <= now()) return refuse('expired', row, by)
      if (partition === undefined || row.partition_hash !== hashSecret(partition))
        return refuse('other-partition', row, by)
      const session = await live(row.session_id)
      if (session === null) return refuse('session-ended', row, by)

      const at = now()
      const updated = await db.write(
        (tx) =>
          tx
            .updateTable('oauth_launch')
            .set({ used_at: at })
            .where('handle_hash', '=', row.handle_hash)
            .where('used_at', 'is', null)
            .where('expires_at', '>', at)
            .returning('handle_hash')
            .executeTakeFirst(),
        { ...reserveOf(session), lock: [lockOf(row.handle_hash)] },
      )
      return updated === undefined ? refuse('used', row, by) : { ok: true, session }
    },
  }
}
export type Launches = ReturnType<typeof createLaunches>
