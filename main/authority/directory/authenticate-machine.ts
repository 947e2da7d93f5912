import { describeError } from '../../describe-error.ts'
import { log } from '../log.ts'
import type { Services } from '../services.ts'
import { createRateLimit } from './rate-limit.ts'
import { ScimError } from './scim-error.ts'
import { checkToken, type ServiceToken, useIsOld } from './service-tokens.ts'

/** Refusals are recorded once in this time, so that whoever guesses does not fill the log, ms. */
const recordedEvery = 60_000
/** Requests of one token; Entra asks for 25 a second. */
const limit = { burst: 200, perSecond: 100 }

/** Resolves to the name of the machine whose token this is; rejects with a ScimError, 401 or 429. */
export type AuthenticateMachine = (authorization: string | undefined) => Promise<string>

export function authenticateMachines({
  db,
  unit,
  record,
  now,
}: Pick<Services, 'db' | 'unit' | 'record' | 'now'>): AuthenticateMachine {
  const rate = createRateLimit({ ...limit, now })
  const recordedAt = new Map<string, number>()

  async function recordRefusal(cause: string, name: string | null): Promise<void> {
    const key = `${cause} ${name}`
    const last = recordedAt.get(key)
    if (last !== undefined && now() - last < recordedEvery) return
    recordedAt.set(key, now())
    const detail = { cause, ...(name === null ? {} : { machine: name }) }
    await unit(({ tx }) => record(tx, 'directory.refused', { outcome: 4, detail }))
  }

  /** No reason to refuse a request, least of all one that closes an account on a full disk. */
  async function noteUse({ token_id }: ServiceToken): Promise<void> {
    try {
      await unit(({ tx, now: at }) =>
        tx
          .updateTable('service_tokens')
          .set({ last_used_at: at })
          .where('token_id', '=', token_id)
          .execute(),
      )
    } catch (error) {
      log('warn', 'token-use-not-noted', describeError(error))
    }
  }

  return async (authorization) => {
    const checked = await checkToken(db.read, authorization, now())
    if (!checked.ok) {
      await recordRefusal(checked.cause, checked.name)
      throw new ScimError(401, null, 'Send a token that works as "Authorization: Bearer".')
    }
    const { token } = checked
    if (rate.take(token.name) > 0)
      throw new ScimError(429, null, 'Too many requests; wait a little.')
    if (useIsOld(token, now())) await noteUse(token)
    return token.name
  }
}
