import type { CredentialResponse, Refusal } from '../protocol/index.ts'
import { isDisabled } from '../identities/people.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import { type AssertionFault, type AssertionVerdict, verifyAssertion } from './assertion.ts'
import { type CeremonyPurpose, type CeremonyRow, consumeCeremony } from './ceremonies.ts'

/** What one assertion said before the transaction; nothing is proven yet. */
export interface CheckedAssertion {
  readonly ceremonyId: string
  readonly credentialId: string
  /** Owner of the passkey, which never changes; null: there is no such passkey. */
  readonly personId: string | null
  readonly verdict: AssertionVerdict
}

export type Proof =
  | {
      readonly ok: true
      readonly personId: string
      readonly passkeyId: string
      /** It never proved anything before. */
      readonly firstUse: boolean
      readonly ceremony: CeremonyRow
      /** AAL2: user verification by a key; a synced passkey is at most that as well. */
      readonly aal: 2
      readonly amr: readonly string[]
    }
  | {
      readonly ok: false
      readonly reason: Refusal
      /** Owner of the passkey, where it is known; for the record. */
      readonly personId: string | null
      readonly cause: AssertionFault | 'used-or-expired' | null
    }

const refuse = (
  reason: Refusal,
  personId: string | null = null,
  cause: Extract<Proof, { ok: false }>['cause'] = null,
): Proof => ({ ok: false, reason, personId, cause })

export interface Proofs {
  /** The costly half, outside of any transaction. */
  check(ceremonyId: string, response: CredentialResponse): Promise<CheckedAssertion>
  /**
   * The deciding half: consumes the challenge whatever comes of it, and counts the attempt. Only
   * `ok: true` proves a person; the caller writes session and record in the same unit.
   */
  settle(
    unit: Pick<Unit, 'tx' | 'now'>,
    checked: CheckedAssertion,
    want: { readonly workstationId: string; readonly purposes: readonly CeremonyPurpose[] },
  ): Promise<Proof>
}

export function createProofs({
  db,
  policy,
  origin,
  rpId,
}: Pick<Services, 'db' | 'policy' | 'origin' | 'rpId'>): Proofs {
  return {
    async check(ceremonyId, response) {
      const [ceremony, passkey] = await Promise.all([
        db.read
          .selectFrom('ceremonies')
          .select('challenge')
          .where('ceremony_id', '=', ceremonyId)
          .executeTakeFirst(),
        db.read
          .selectFrom('passkeys')
          .select(['public_key', 'person_id'])
          .where('passkey_id', '=', response.id)
          .executeTakeFirst(),
      ])
      const verdict: AssertionVerdict =
        ceremony && passkey
          ? await verifyAssertion(response, {
              challenge: ceremony.challenge,
              origin,
              rpId,
              credential: { id: response.id, publicKey: passkey.public_key },
            })
          : { ok: false, fault: 'malformed' }
      return {
        ceremonyId,
        credentialId: response.id,
        personId: passkey?.person_id ?? null,
        verdict,
      }
    },

    async settle({ tx, now }, { ceremonyId, credentialId, personId: known, verdict }, want) {
      const [ceremony, passkey] = await Promise.all([
        consumeCeremony(tx, { ...want, ceremonyId, now }),
        tx
          .selectFrom('passkeys')
          .innerJoin('people', 'people.person_id', 'passkeys.person_id')
          .select([
            'passkeys.person_id',
            'passkeys.revoked_at',
            'passkeys.failed_attempts',
            'passkeys.backup_eligible',
            'passkeys.last_used_at',
            'people.user_handle',
            'people.disabled_at',
          ])
          .where('passkey_id', '=', credentialId)
          .executeTakeFirst(),
      ])
      if (!ceremony) return refuse('expired', null, 'used-or-expired')
      if (!passkey) return refuse('unknown-passkey')
      const personId = passkey.person_id
      if (passkey.revoked_at !== null || isDisabled(passkey)) return refuse('revoked', personId)
      if (passkey.failed_attempts >= policy['passkey.attempts'])
        return refuse('locked-out', personId)
      // Enrolled between check and settle: nothing was verified against its key.
      if (known === null) return refuse('invalid', personId, 'malformed')
      if (ceremony.person_id !== null && ceremony.person_id !== personId)
        return refuse('wrong-person', personId)

      const fail = async (cause: AssertionFault): Promise<Proof> => {
        await tx
          .updateTable('passkeys')
          .set((eb) => ({ failed_attempts: eb('failed_attempts', '+', 1) }))
          .where('passkey_id', '=', credentialId)
          .execute()
        return refuse('invalid', personId, cause)
      }
      if (!verdict.ok) return fail(verdict.fault)
      // WebAuthn L3, 7.2 step 6: without a person known before, the handle must name the owner.
      const handleFits =
        verdict.userHandle === null
          ? ceremony.person_id !== null
          : verdict.userHandle === passkey.user_handle
      if (!handleFits) return fail('user-handle')
      // Backup eligibility never changes (WebAuthn L3, 6.1.3).
      if (verdict.synced !== (passkey.backup_eligible === 1)) return fail('malformed')
      if (!verdict.userVerified) return refuse('not-verified', personId)

      const counted = await tx
        .updateTable('passkeys')
        .set({
          counter: verdict.counter,
          backed_up: verdict.backedUp ? 1 : 0,
          failed_attempts: 0,
          last_used_at: now,
        })
        .where('passkey_id', '=', credentialId)
        .where('revoked_at', 'is', null)
        .where((eb) =>
          // Authenticators without a counter send zero for ever (WebAuthn L3, 6.1.1).
          verdict.counter === 0 ? eb('counter', '=', 0) : eb('counter', '<', verdict.counter),
        )
        .returning('passkey_id')
        .executeTakeFirst()
      if (!counted) return fail('counter-back')

      return {
        ok: true,
        personId,
        passkeyId: credentialId,
        firstUse: passkey.last_used_at === null,
        ceremony,
        aal: 2,
        amr: [verdict.synced ? 'swk' : 'hwk', 'user', 'mfa'],
      }
    },
  }
}
