import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { Schema } from '../../store/schema/index.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import { verifyAssertion } from './client-assertion.ts'
import type { ReportClone } from './clones.ts'
import { sha256, verifyDpop } from './dpop.ts'
import { findKey, type KnownKey, whyNot } from './key-standing.ts'
import { createQuiet } from './quiet.ts'
import { useOnce } from './used-once.ts'

/** The old key of a rotation goes so long after the first use of the new one, ms. */
export const overlap = 3_600_000

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** RFC 6749, 4.4.2 with RFC 7521, 4.2. */
const requestSchema = z.strictObject({
  grant_type: z.string().max(100),
  client_assertion_type: z.literal(jwtBearer),
  client_assertion: z.string().max(4096),
  client_id: z.string().max(64).optional(),
  scope: z.string().max(100).optional(),
})

export type TokenRefusal = 'clock' | 'disabled' | 'revoked' | 'retired' | 'replayed'

export type TokenAnswer =
  | { readonly ok: true; readonly token: string; /** s. */ readonly expiresIn: number }
  | {
      readonly ok: false
      /** RFC 6749, 5.2 and RFC 9449, 5. */
      readonly error:
        'invalid_request' | 'unsupported_grant_type' | 'invalid_client' | 'invalid_dpop_proof'
      /** Told only to who proved to hold the key. */
      readonly reason: TokenRefusal | null
    }

export interface TokenOptions extends Pick<
  Services,
  'db' | 'record' | 'unit' | 'now' | 'issuer' | 'policy'
> {
  readonly reportClone: ReportClone
}

type Failure = Extract<TokenAnswer, { ok: false }>
const fail = (error: Failure['error'], reason: Failure['reason'] = null): Failure => ({
  ok: false,
  error,
  reason,
})

/** Where a workstation is asked to prove itself, and given a token bound to its key (RFC 9449, 5). */
export const tokenPath = '/agent/v1/token'

export function createTokenEndpoint(options: TokenOptions) {
  const { db, record, unit, now, issuer, policy, reportClone } = options
  const url = new URL(tokenPath, issuer)

  const mayRecord = createQuiet({ now })

  async function issue(tx: Unit['tx'], at: number, known: KnownKey): Promise<TokenAnswer> {
    const token = randomBytes(32).toString('base64url')
    const life = policy['machine.tokenLife']
    if (known.firstUsedAt === null) await firstUse(tx, known.keyId, at)
    await tx
      .insertInto('machine_tokens')
      .values({
        token_hash: sha256(token),
        workstation_id: known.workstation.id,
        key_id: known.keyId,
        expires_at: at + life,
      })
      .execute()
    return { ok: true, token, expiresIn: Math.floor(life / 1000) }
  }

  /** Who has the new key never goes back to the old one: somebody else has that. */
  async function lookForCopy({ keyId, replacedBy, workstation }: KnownKey): Promise<void> {
    if (replacedBy === null || !(await isUsed(db.read, replacedBy))) return
    const workstationId = workstation.id
    await reportClone({ workstationId, keyId, sign: 'replaced-key' })
  }

  /** `form`: the fields of the body, each once. */
  return async (form: unknown, dpopHeader: string | null): Promise<TokenAnswer> => {
    const request = requestSchema.safeParse(form)
    if (!request.success) return fail('invalid_request')
    const { grant_type, client_assertion, client_id } = request.data
    if (grant_type !== 'client_credentials') return fail('unsupported_grant_type')
    if (dpopHeader === null) return fail('invalid_dpop_proof')
    const proof = await verifyDpop(dpopHeader, { method: 'POST', url, token: null, now: now() })
    if (!proof.ok) return fail('invalid_dpop_proof', proof.reason === 'clock' ? 'clock' : null)

    // One key does both: the token is bound to the key that the assertion is signed by.
    const known = await findKey(db.read, proof.keyId)
    // Nothing is recorded of keys that nobody knows: anybody can make one.
    if (!known) return fail('invalid_client')
    const clientId = known.workstation.id
    if (client_id !== undefined && client_id !== clientId) return fail('invalid_client')
    const audiences = [issuer, url.href]
    const assertion = await verifyAssertion(client_assertion, {
      clientId,
      key: known.key,
      audiences,
      now: now(),
    })
    if (!assertion.ok) return fail('invalid_client', assertion.reason === 'clock' ? 'clock' : null)

    let allowed: boolean | null = null
    const answer = await unit(
      async ({ tx, now: at }) => {
        const { keyId } = proof
        const current = await findKey(tx, keyId)
        if (!current) return fail('invalid_client')
        const fresh =
          (await useOnce(tx, { ...assertion, kind: 'assertion', keyId })) &&
          (await useOnce(tx, { ...proof, kind: 'dpop' }))
        const reason = fresh ? whyNot(current, at) : 'replayed'
        if (reason === null) return issue(tx, at, current)
        // Asked once, however often the database tries this.
        allowed ??= mayRecord(`${clientId} ${reason}`)
        if (allowed) {
          const entry = { outcome: 8, workstation: clientId, detail: { reason } } as const
          await record(tx, 'workstation.refused', entry)
        }
        return fail(reason === 'replayed' ? 'invalid_dpop_proof' : 'invalid_client', reason)
      },
      // What excludes its like is the key of a proof that was used.
      { isolation: 'read-committed' },
    )
    if (answer.ok || answer.reason === 'retired') await lookForCopy(known)
    return answer
  }
}

/** The new key of a rotation works: the old one is needed for a little while only. */
async function firstUse(tx: Unit['tx'], keyId: string, at: number): Promise<void> {
  await tx
    .updateTable('workstation_keys')
    .set({ first_used_at: at })
    .where('key_id', '=', keyId)
    .where('first_used_at', 'is', null)
    .execute()
  await tx
    .updateTable('workstation_keys')
    .set({ retires_at: at + overlap })
    .where('replaced_by', '=', keyId)
    .where('retires_at', '>', at + overlap)
    .execute()
}

async function isUsed(db: Kysely<Schema>, keyId: string): Promise<boolean> {
  const key = await db
    .selectFrom('workstation_keys')
    .select('first_used_at')
    .where('key_id', '=', keyId)
    .executeTakeFirst()
  return key !== undefined && key.first_used_at !== null
}
