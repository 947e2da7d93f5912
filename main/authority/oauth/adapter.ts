import { errors, type Adapter, type AdapterPayload } from 'oidc-provider'
import type { AuditLog } from '../../audit/port.ts'
import type { Database } from '../../store/port.ts'
import type { LiveSession } from '../context.ts'
import { reserveOf, shareReserve } from '../reserve.ts'
import { purposeOf } from './claims.ts'
import { hashSecret } from './secrets.ts'
import { sessionOfKey } from './session-key.ts'

export interface AdapterOptions {
  readonly db: Database
  readonly audit: Pick<AuditLog, 'append'>
  readonly now: () => number
  readonly live: (sessionId: string) => Promise<LiveSession | null>
}

const sessionOf = (model: string, id: string, payload: AdapterPayload): string | null => {
  if (model === 'Grant') return sessionOfKey(id)
  if (model === 'Session') return sessionOfKey(payload.uid)
  return sessionOfKey(payload.grantId)
}

/** What is stored of an artefact is one row, and a grant is a name that its artefacts share. */
const lockOf = (model: string, key: string, grantId?: string) => ({
  lock: [`${model}:${key}`, ...(grantId === undefined ? [] : [`grant:${grantId}`])],
})

/**
 * The provider's store, hardened where a plain adapter is not, which lets one code be redeemed ten
 * times in parallel:
 * - what is consumed is consumed once, by one conditional update; a second try destroys the whole
 *   grant (RFC 6749, 4.1.2; RFC 9700, 4.14.2);
 * - a client assertion is remembered by an insert that fails when it is there already;
 * - whatever belongs to a session that is not live at this moment is not found;
 * - identifiers are stored as hashes, and an access token's record is written in its transaction.
 */
export const createAdapter = ({ db, audit, now, live }: AdapterOptions) => {
  const revokeGrant = (grantId: string): Promise<void> =>
    db.write(
      async (tx) => {
        await tx.deleteFrom('oauth_record').where('grant_id', '=', grantId).execute()
        await tx
          .deleteFrom('oauth_record')
          .where('model', '=', 'Grant')
          .where('id', '=', hashSecret(grantId))
          .execute()
      },
      { ...shareReserve, lock: [`grant:${grantId}`] },
    )

  return (model: string): Adapter => {
    /** The first caller with this identifier passes; the memory lasts as long as the assertion. */
    const remember = async (id: string, expiresAt: number): Promise<void> => {
      const at = now()
      const key = hashSecret(id)
      const row = await db.write(
        (tx) =>
          tx
            .insertInto('oauth_record')
            .values({
              model,
              id: key,
              payload: '{}',
              session_id: null,
              grant_id: null,
              uid: null,
              consumed_at: null,
              expires_at: expiresAt,
            })
            .onConflict((conflict) =>
              conflict
                .columns(['model', 'id'])
                .doUpdateSet({ expires_at: expiresAt })
                .where('oauth_record.expires_at', '<=', at),
            )
            .returning('id')
            .executeTakeFirst(),
        { ...shareReserve, ...lockOf(model, key) },
      )
      if (row === undefined)
        throw new errors.InvalidClientAuth('client assertion tokens must only be used once')
    }

    const alive = async (
      row: { payload: string; session_id: string | null; expires_at: number } | undefined,
    ): Promise<AdapterPayload | undefined> => {
      if (row === undefined || row.expires_at <= now()) return undefined
      if (row.session_id !== null && (await live(row.session_id)) === null) return undefined
      return JSON.parse(row.payload) as AdapterPayload
    }

    return {
      async upsert(id, payload, expiresIn) {
        const expiresAt = now() + (expiresIn ?? 60) * 1000
        if (model === 'ReplayDetection') return remember(id, expiresAt)

        const { jti: _, ...stored } = payload
        const sessionId = sessionOf(model, id, payload)
        const session = sessionId === null ? null : await live(sessionId)
        if (session === null) throw new errors.InvalidGrant('the session has ended')

        const key = hashSecret(id)
        const values = {
          payload: JSON.stringify(stored),
          grant_id: payload.grantId ?? null,
          uid: payload.uid ?? null,
          expires_at: expiresAt,
        }
        await db.write(
          async (tx) => {
            await tx
              .insertInto('oauth_record')
              .values({
                model,
                id: key,
                session_id: sessionId,
                consumed_at: null,
                ...values,
              })
              .onConflict((conflict) => conflict.columns(['model', 'id']).doUpdateSet(values))
              .execute()
            if (model !== 'AccessToken') return
            await audit.append(tx, {
              event: 'token.issued',
              outcome: 0,
              actor: session.personId,
              workstation: session.workstation,
              session: session.sessionId,
              patient: session.patient,
              assurance: { aal: session.aal, verifiedAt: session.verifiedAt },
              purposeOfUse: purposeOf(session, now()),
              detail: { client: payload.clientId ?? null, scope: payload.scope ?? null },
            })
          },
          { ...reserveOf(session), ...lockOf(model, key, payload.grantId) },
        )
      },

      async find(id) {
        const row = await db.read
          .selectFrom('oauth_record')
          .select(['payload', 'session_id', 'expires_at', 'consumed_at'])
          .where('model', '=', model)
          .where('id', '=', hashSecret(id))
          .executeTakeFirst()
        const payload = await alive(row)
        if (row === undefined || payload === undefined) return undefined
        const consumed =
          row.consumed_at === null ? {} : { consumed: Math.floor(row.consumed_at / 1000) }
        return { ...payload, ...consumed, jti: id }
      },

      async findByUid(uid) {
        const row = await db.read
          .selectFrom('oauth_record')
          .select(['payload', 'session_id', 'expires_at'])
          .where('model', '=', model)
          .where('uid', '=', uid)
          .executeTakeFirst()
        return alive(row)
      },

      /** Device flow only, which is off. */
      async findByUserCode() {
        return undefined
      },

      async consume(id) {
        const key = hashSecret(id)
        const row = await db.write(
          (tx) =>
            tx
              .updateTable('oauth_record')
              .set({ consumed_at: now() })
              .where('model', '=', model)
              .where('id', '=', key)
              .where('consumed_at', 'is', null)
              .returning('id')
              .executeTakeFirst(),
          { ...shareReserve, ...lockOf(model, key) },
        )
        if (row !== undefined) return
        const lost = await db.read
          .selectFrom('oauth_record')
          .select('grant_id')
          .where('model', '=', model)
          .where('id', '=', key)
          .executeTakeFirst()
        if (lost?.grant_id != null) await revokeGrant(lost.grant_id)
        throw new errors.InvalidGrant(`${model} was used before`)
      },

      async destroy(id) {
        const key = hashSecret(id)
        await db.write(
          (tx) =>
            tx
              .deleteFrom('oauth_record')
              .where('model', '=', model)
              .where('id', '=', key)
              .execute(),
          { ...shareReserve, ...lockOf(model, key) },
        )
      },

      async revokeByGrantId(grantId) {
        await revokeGrant(grantId)
      },
    }
  }
}
