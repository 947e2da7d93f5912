import { createHash, randomBytes } from 'node:crypto'
import type { Kysely, Selectable } from 'kysely'
import { z } from 'zod'
import type { Tx } from '../../store/port.ts'
import type { ServiceTokenTable } from '../../store/schema/directory.ts'
import type { Schema } from '../../store/schema/index.ts'
import type { Recorder } from '../record.ts'

export type ServiceToken = Readonly<Selectable<ServiceTokenTable>>

const day = 24 * 3_600_000
/** No token lives longer, ms. */
export const maxTokenLife = 365 * day
/** `last_used_at` is as exact as this, so that reading does not write every time, ms. */
const useStep = 60_000

const label = z.string().trim().min(1).max(128)
/** What has to be known of a machine before it gets a token (R20). */
export const tokenRequestSchema = z.strictObject({
  /** Names the machine in the record. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  owner: label,
  purpose: label,
  life: z.number().int().min(1).max(maxTokenLife),
})
export type TokenRequest = z.infer<typeof tokenRequestSchema>

/** 256 random bits need no slow hash, and looking up by it says nothing in its time. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex')

interface At {
  readonly tx: Tx
  readonly now: number
}

/**
 * Makes a token that is told once and kept as a hash. Null when the name was ever used before: the
 * record must mean one machine by it.
 */
export async function issueToken(
  record: Recorder,
  { tx, now }: At,
  request: TokenRequest,
): Promise<{ readonly token: string; readonly expiresAt: number } | null> {
  const { name, owner, purpose, life } = tokenRequestSchema.parse(request)
  const token = `lanyard-scim-${randomBytes(32).toString('base64url')}`
  const expiresAt = now + life
  const issued = await tx
    .insertInto('service_tokens')
    .values({
      token_id: randomBytes(16).toString('base64url'),
      token_hash: tokenHash(token),
      name,
      owner,
      purpose,
      scope: 'scim',
      created_at: now,
      expires_at: expiresAt,
      last_used_at: null,
      revoked_at: null,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('token_id')
    .executeTakeFirst()
  if (!issued) return null
  await record(tx, 'service-token.issued', { detail: { machine: name, scope: 'scim', expiresAt } })
  return { token, expiresAt }
}

/** Ends a token at once; false when there is none of this name that works. */
export async function revokeToken(
  record: Recorder,
  { tx, now }: At,
  name: string,
): Promise<boolean> {
  const revoked = await tx
    .updateTable('service_tokens')
    .set({ revoked_at: now })
    .where('name', '=', name)
    .where('revoked_at', 'is', null)
    .returning('token_id')
    .executeTakeFirst()
  if (!revoked) return false
  await record(tx, 'service-token.revoked', { detail: { machine: name } })
  return true
}

/** All that were ever issued, oldest first. */
export const listTokens = (db: Kysely<Schema>): Promise<ServiceToken[]> =>
  db.selectFrom('service_tokens').selectAll().orderBy('created_at').orderBy('name').execute()

export type TokenCheck =
  | { readonly ok: true; readonly token: ServiceToken }
  | {
      readonly ok: false
      readonly cause: 'unknown' | 'expired' | 'revoked'
      readonly name: string | null
    }

/** Whom an `Authorization` header names. */
export async function checkToken(
  db: Kysely<Schema>,
  authorization: string | undefined,
  now: number,
): Promise<TokenCheck> {
  const [, secret] = /^Bearer +([\w.~+/=-]{1,256})$/i.exec(authorization ?? '') ?? []
  if (secret === undefined) return { ok: false, cause: 'unknown', name: null }
  const token = await db
    .selectFrom('service_tokens')
    .selectAll()
    .where('token_hash', '=', tokenHash(secret))
    .where('scope', '=', 'scim')
    .executeTakeFirst()
  if (!token) return { ok: false, cause: 'unknown', name: null }
  if (token.revoked_at !== null) return { ok: false, cause: 'revoked', name: token.name }
  if (token.expires_at <= now) return { ok: false, cause: 'expired', name: token.name }
  return { ok: true, token }
}

/** Whether its last use is due to be noted. */
export const useIsOld = ({ last_used_at: last }: ServiceToken, now: number): boolean =>
  last === null || now - last >= useStep
