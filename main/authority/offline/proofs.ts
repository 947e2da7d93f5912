import { createHash } from 'node:crypto'
import { type AssertionVerdict, verifyAssertion } from '../passkeys/assertion.ts'
import { isOfflineChallenge, type JournalEntry } from '../protocol/index.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import { takeBackAttempts } from './attempts.ts'
import type { Source } from './journal-rows.ts'

/** What one assertion of a journal said before the transaction; nothing is proven yet. */
export interface CheckedProof {
  readonly challenge: string
  readonly passkeyId: string
  readonly verdict: AssertionVerdict
}

/** An assertion after all checks. */
export type OfflineProof =
  | { readonly ok: true; readonly personId: string; readonly passkeyId: string }
  | { readonly ok: false; readonly personId: string | null; readonly doubt: string }

/** The costly half, outside of any transaction: the authority believes no workstation's verdict. */
export async function checkProofs(
  { db, origin, rpId }: Pick<Services, 'db' | 'origin' | 'rpId'>,
  { proofs }: Pick<JournalEntry, 'proofs'>,
): Promise<CheckedProof[]> {
  return Promise.all(
    proofs.map(async ({ challenge, response }) => {
      const passkey = await db.read
        .selectFrom('passkeys')
        .select('public_key')
        .where('passkey_id', '=', response.id)
        .executeTakeFirst()
      const verdict: AssertionVerdict = passkey
        ? await verifyAssertion(response, {
            challenge,
            origin,
            rpId,
            credential: { id: response.id, publicKey: passkey.public_key },
          })
        : { ok: false, fault: 'malformed' }
      return { challenge, passkeyId: response.id, verdict }
    }),
  )
}

/** The deciding half: an assertion counts once, and its counter must move forward from here. */
export async function settleProof(
  { policy }: Pick<Services, 'policy'>,
  { tx }: Pick<Unit, 'tx'>,
  { challenge, passkeyId, verdict }: CheckedProof,
  bundle: { readonly bundleId: string; readonly expiresAt: number },
  { workstation, at }: Pick<Source, 'workstation' | 'at'>,
): Promise<OfflineProof> {
  const passkey = await tx
    .selectFrom('passkeys')
    .innerJoin('people', 'people.person_id', 'passkeys.person_id')
    .select([
      'passkeys.person_id',
      'revoked_at',
      'backup_eligible',
      'failed_attempts',
      'user_handle',
    ])
    .where('passkey_id', '=', passkeyId)
    .executeTakeFirst()
  const doubt = (why: string): OfflineProof => ({
    ok: false,
    personId: passkey?.person_id ?? null,
    doubt: why,
  })
  if (!passkey) return doubt('unknown-passkey')
  if (!verdict.ok) return doubt(verdict.fault)
  if (!isOfflineChallenge(challenge, bundle.bundleId)) return doubt('challenge')
  if (!verdict.userVerified) return doubt('not-verified')
  if (verdict.userHandle !== null && verdict.userHandle !== passkey.user_handle)
    return doubt('user-handle')
  if (verdict.synced !== (passkey.backup_eligible === 1)) return doubt('malformed')
  if (passkey.revoked_at !== null) return doubt('passkey-revoked')
  if (passkey.failed_attempts >= policy['passkey.attempts']) return doubt('locked-out')
  const isFirst = await useOnce(tx, challenge, bundle.expiresAt, at)
  if (!isFirst) return doubt('replayed')

  const counted = await tx
    .updateTable('passkeys')
    .set(({ eb }) => ({
      counter: verdict.counter,
      backed_up: verdict.backedUp ? 1 : 0,
      failed_attempts: 0,
      // A journal tells of earlier: a later proof at the house stays the last one (attempts.ts).
      last_used_at: eb
        .case()
        .when('last_used_at', '>', at)
        .then(eb.ref('last_used_at'))
        .else(at)
        .end(),
    }))
    .where('passkey_id', '=', passkeyId)
    .where((eb) =>
      // Authenticators without a counter send zero for ever (WebAuthn L3, 6.1.1).
      verdict.counter === 0 ? eb('counter', '=', 0) : eb('counter', '<', verdict.counter),
    )
    .returning('passkey_id')
    .executeTakeFirst()
  if (!counted) return doubt('counter-back')
  await takeBackAttempts({ tx }, { workstationId: workstation.id, passkeyId })
  return { ok: true, personId: passkey.person_id, passkeyId }
}

/** Challenges of workstations are kept as used ceremonies until no journal can bring them again. */
async function useOnce(
  tx: Unit['tx'],
  challenge: string,
  bundleExpiresAt: number,
  at: number,
): Promise<boolean> {
  const name = createHash('sha256').update(challenge).digest('base64url')
  const used = await tx
    .insertInto('ceremonies')
    .values({
      ceremony_id: `offline-${name}`,
      challenge,
      purpose: 'offline',
      workstation_id: '',
      person_id: null,
      tap_id: null,
      expires_at: bundleExpiresAt + 40 * 24 * 3_600_000,
      used_at: at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('ceremony_id')
    .executeTakeFirst()
  return used !== undefined
}
