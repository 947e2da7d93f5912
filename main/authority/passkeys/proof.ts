import type { CredentialResponse, Refusal } from '../protocol/index.ts'
import { isDisabled, type Person } from '../identities/people.ts'
import { prepare } from '../../store/prepared.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import { type Asked, createExpectations } from './expectations.ts'
import { type AssertionFault, type AssertionVerdict, verifyAssertion } from './assertion.ts'
import { type CeremonyRow, consumeCeremony, type Purposes } from './ceremonies.ts'

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
): Extract<Proof, { ok: false }> => ({ ok: false, reason, personId, cause })

export interface Proofs {
  /** That an answer to this may come soon. */
  expect(asked: Asked): void
  /** The costly half, outside of any transaction. */
  check(ceremonyId: string, response: CredentialResponse): Promise<CheckedAssertion>
  /**
   * The deciding half: consumes the challenge whatever comes of it, and counts the attempt. Only
   * `ok: true` proves a person; the caller writes session and record in the same unit.
   */
  settle(unit: Pick<Unit, 'tx' | 'now'>, checked: CheckedAssertion, want: Wanted): Promise<Proof>
  /**
   * As `settle`, for a caller who has more to write and writes it together: `count` must be awaited
   * in the same unit before it commits.
   */
  decide(unit: Pick<Unit, 'tx' | 'now'>, checked: CheckedAssertion, want: Wanted): Promise<Decision>
}

interface Wanted {
  readonly workstationId: string
  readonly purposes: Purposes
}

export type Decision =
  | {
      readonly proof: Extract<Proof, { ok: true }>
      readonly person: Person
      /** Writes the counter down; rejects when the passkey is not as it was read in this unit. */
      readonly count: () => Promise<void>
    }
  | { readonly proof: Extract<Proof, { ok: false }> }

const refusal = (proof: Extract<Proof, { ok: false }>): Decision => ({ proof })

const passkeyWithOwner = prepare<{ id: string }>()((db, place) =>
  db
    .selectFrom('passkeys')
    .innerJoin('people', 'people.person_id', 'passkeys.person_id')
    .selectAll('people')
    .select([
      'passkeys.counter',
      'passkeys.revoked_at',
      'passkeys.failed_attempts',
      'passkeys.backup_eligible',
      'passkeys.last_used_at',
    ])
    .where('passkey_id', '=', place('id')),
)

interface Counting {
  readonly id: string
  readonly counter: number
  readonly backedUp: 0 | 1
  readonly now: number
}
const countUse = prepare<Counting>()((db, place) =>
  db
    .updateTable('passkeys')
    .set({
      counter: place('counter'),
      backed_up: place('backedUp'),
      failed_attempts: 0,
      last_used_at: place('now'),
    })
    .where('passkey_id', '=', place('id'))
    .where('revoked_at', 'is', null)
    .where((is) =>
      // Authenticators without a counter send zero for ever (WebAuthn L3, 6.1.1).
      is.or([
        is('counter', '<', place('counter')),
        is.and([is('counter', '=', 0), is('counter', '=', place('counter'))]),
      ]),
    )
    .returning('passkey_id'),
)

export function createProofs({
  db,
  policy,
  origin,
  rpId,
}: Pick<Services, 'db' | 'policy' | 'origin' | 'rpId'>): Proofs {
  const expectations = createExpectations(db)
  return {
    expect: (asked) => expectations.keep(asked),

    async check(ceremonyId, response) {
      const { id } = response
      const found = await expectations.of(ceremonyId, id)
      const challenge = found?.challenge ?? null
      const verdict: AssertionVerdict =
        found && challenge !== null
          ? await verifyAssertion(response, {
              challenge,
              origin,
              rpId,
              credential: { id, publicKey: found.publicKey },
            })
          : { ok: false, fault: 'malformed' }
      return {
        ceremonyId,
        credentialId: id,
        personId: found?.personId ?? null,
        verdict,
      }
    },

    async settle(unit, checked, want) {
      const decision = await decide(unit, checked, want)
      if ('count' in decision) await decision.count()
      return decision.proof
    },

    decide,
  }

  async function decide(
    { tx, now }: Pick<Unit, 'tx' | 'now'>,
    { ceremonyId, credentialId, personId: known, verdict }: CheckedAssertion,
    want: Wanted,
  ): Promise<Decision> {
    const [ceremony, passkey] = await Promise.all([
      consumeCeremony(tx, { ...want, ceremonyId, now }),
      passkeyWithOwner.first(tx, { id: credentialId }),
    ])
    if (!ceremony) return refusal(refuse('expired', null, 'used-or-expired'))
    if (!passkey) return refusal(refuse('unknown-passkey'))
    const personId = passkey.person_id
    if (passkey.revoked_at !== null || isDisabled(passkey))
      return refusal(refuse('revoked', personId))
    if (passkey.failed_attempts >= policy['passkey.attempts'])
      return refusal(refuse('locked-out', personId))
    // Enrolled between check and settle: nothing was verified against its key.
    if (known === null) return refusal(refuse('invalid', personId, 'malformed'))
    if (ceremony.person_id !== null && ceremony.person_id !== personId)
      return refusal(refuse('wrong-person', personId))

    const fail = async (cause: AssertionFault): Promise<Decision> => {
      await tx
        .updateTable('passkeys')
        .set((eb) => ({ failed_attempts: eb('failed_attempts', '+', 1) }))
        .where('passkey_id', '=', credentialId)
        .execute()
      return refusal(refuse('invalid', personId, cause))
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
    if (!verdict.userVerified) return refusal(refuse('not-verified', personId))

    const counts =
      verdict.counter > passkey.counter || (verdict.counter === 0 && passkey.counter === 0)
    if (!counts) return fail('counter-back')

    return {
      proof: {
        ok: true,
        personId,
        passkeyId: credentialId,
        firstUse: passkey.last_used_at === null,
        ceremony,
        aal: 2,
        amr: [verdict.synced ? 'swk' : 'hwk', 'user', 'mfa'],
      },
      person: passkey,
      async count() {
        const counted = await countUse.first(tx, {
          id: credentialId,
          counter: verdict.counter,
          backedUp: verdict.backedUp ? 1 : 0,
          now,
        })
        // Whoever changes a passkey is kept out until this unit is over; if not, nothing is kept.
        if (!counted) throw new Error('The passkey changed while it was being used.')
      },
    }
  }
}
