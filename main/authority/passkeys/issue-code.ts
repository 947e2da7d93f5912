import { randomBytes } from 'node:crypto'
import { endSessionsOf } from '../directory/disable-person.ts'
import { findPerson, isDisabled } from '../identities/people.ts'
import { leaveNotice } from '../notices/leave-notice.ts'
import type { Services } from '../services.ts'
import type { EndSession } from '../sessions/ending.ts'
import type { Unit } from '../unit-of-work.ts'
import { codeHash } from './enrolment-codes.ts'

export interface IssueCodeOptions {
  readonly personId: string
  /**
   * For somebody who has lost what they had: passkeys of before are revoked, and sessions end.
   * Without it, whoever has a passkey gets no code.
   */
  readonly replace: boolean
  /** Who asked for it, for the record: an account of the operating system. */
  readonly by: string
}

export type IssuedCode =
  | {
      readonly outcome: 'issued'
      /** Shown once and kept nowhere. */
      readonly code: string
      readonly expiresAt: number
      /** Passkeys that were revoked. */
      readonly revoked: number
    }
  | { readonly outcome: 'refused'; readonly reason: 'unknown' | 'disabled' | 'has-passkey' }

/** A code for one enrolment of a passkey. Those that were issued to the person before are void. */
export async function issueCode(
  services: Pick<Services, 'record' | 'policy' | 'badgeKey' | 'randomId'> & {
    readonly endSession: EndSession
  },
  work: Pick<Unit, 'tx' | 'now' | 'publish'>,
  { personId, replace, by }: IssueCodeOptions,
): Promise<IssuedCode> {
  const { tx, now } = work
  const person = await findPerson(tx, personId)
  if (!person) return { outcome: 'refused', reason: 'unknown' }
  if (isDisabled(person)) return { outcome: 'refused', reason: 'disabled' }
  const passkeys = await tx
    .selectFrom('passkeys')
    .select('passkey_id')
    .where('person_id', '=', personId)
    .where('revoked_at', 'is', null)
    .orderBy('created_at')
    .execute()
  if (passkeys.length > 0 && !replace) return { outcome: 'refused', reason: 'has-passkey' }

  for (const { passkey_id: passkey } of passkeys) {
    await tx
      .updateTable('passkeys')
      .set({ revoked_at: now })
      .where('passkey_id', '=', passkey)
      .execute()
    const detail = { passkey, because: 'replaced', by }
    await services.record(tx, 'passkey.revoked', { actor: personId, detail })
    const news = { personId, kind: 'passkey-removed', about: passkey, place: 'IT' } as const
    await leaveNotice(services, work, { ...news, by: null })
  }
  // A session could add a passkey of its own, and what is lost may be in use.
  if (passkeys.length > 0) await endSessionsOf(services, work, personId, 'revoked')
  await tx
    .updateTable('enrolment_codes')
    .set({ used_at: now })
    .where('person_id', '=', personId)
    .where('used_at', 'is', null)
    .execute()
  const code = newCode()
  const expiresAt = now + services.policy['enrolment.codeLife']
  await tx
    .insertInto('enrolment_codes')
    .values({
      code_hash: codeHash(services, code),
      person_id: personId,
      expires_at: expiresAt,
      used_at: null,
    })
    .execute()
  const detail = { by, expiresAt }
  await services.record(tx, 'enrolment.code-issued', { actor: personId, detail })
  return { outcome: 'issued', code, expiresAt, revoked: passkeys.length }
}

/** Crockford's digits: what is read aloud or from paper cannot be taken for another. */
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** 80 random bits, in groups of four. */
function newCode(): string {
  const text = Array.from(randomBytes(16), (byte) => digits.charAt(byte % digits.length)).join('')
  return text.replaceAll(/.{4}(?=.)/g, '$&-')
}
