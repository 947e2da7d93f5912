import { CallFailure, type Handlers } from '../context.ts'
import { personOf } from '../identities/people.ts'
import { incomingPerson } from '../names.ts'
import { leaveNotice } from '../notices/leave-notice.ts'
import type { Services } from '../services.ts'
import { liveSessionHere } from '../sessions/session-rows.ts'
import type { Unit } from '../unit-of-work.ts'
import { descriptors } from './ceremonies.ts'
import { codeHash, consumeCode, lockedOut, personOfCode } from './enrolment-codes.ts'
import { registrationOptions, verifyRegistration } from './registration.ts'

type EnrolmentCalls = Pick<Handlers, 'enrolment.begin' | 'enrolment.finish'>
type Place = { readonly id: string }
type Permission =
  | { readonly ok: true; readonly personId: string; readonly hash: string | null }
  | { readonly ok: false; readonly reason: 'code-invalid' | 'verify-again' | 'locked-out' }

/** A new passkey of one's own asks for user verification this recent, ms. */
const freshness = 5 * 60_000

/** From the permission to enrol, a code or a fresh proof, to a stored passkey. */
export function createEnrolment(services: Services): EnrolmentCalls {
  const { db, policy, origin, rpId, record, unit, randomId } = services

  /** Everything is decided in the unit, so that wrong guesses in parallel all count. */
  async function permit(
    { tx, now }: Unit,
    { code, sessionId }: { readonly code: string | null; readonly sessionId: string | null },
    { id: workstationId }: Place,
  ): Promise<Permission> {
    if (sessionId !== null) {
      const session = await liveSessionHere(tx, { sessionId, workstationId }, policy, now)
      const fresh = now - session.verified_at <= freshness
      if (session.kind === 'standard' && session.aal >= 2 && fresh)
        return { ok: true, personId: session.person_id, hash: null }
      return { ok: false, reason: 'verify-again' }
    }
    if (await lockedOut(tx, { workstationId, now })) return { ok: false, reason: 'locked-out' }
    const hash = codeHash(services, code ?? '')
    const personId = await personOfCode(tx, { hash, now })
    if (personId !== null) return { ok: true, personId, hash }
    await tx
      .insertInto('enrolment_failures')
      .values({ workstation_id: workstationId, at: now })
      .execute()
    return { ok: false, reason: 'code-invalid' }
  }

  return {
    async 'enrolment.begin'({ code, sessionId }, { workstation }) {
      if ((code === null) === (sessionId === null))
        throw new CallFailure('bad-request', 'Give a code or a session, not both.')
      const permission = await unit(async (work) => {
        const given = await permit(work, { code, sessionId }, workstation)
        if (!given.ok)
          await record(work.tx, 'enrolment.refused', {
            outcome: 4,
            workstation: workstation.id,
            detail: { reason: given.reason, by: code === null ? 'session' : 'code' },
          })
        return given
      })
      if (!permission.ok) return { outcome: 'refused', reason: permission.reason }

      const { personId, hash } = permission
      const person = await personOf(db.read, personId)
      const options = await registrationOptions(
        services,
        person,
        await descriptors(db.read, personId),
      )
      return unit(async ({ tx, now }) => {
        // Starting again replaces what was begun with the same code; the code itself stays good.
        if (hash !== null)
          await tx
            .updateTable('enrolments')
            .set({ used_at: now })
            .where('code_hash', '=', hash)
            .where('used_at', 'is', null)
            .execute()
        const enrolmentId = randomId()
        await tx
          .insertInto('enrolments')
          .values({
            enrolment_id: enrolmentId,
            challenge: options.challenge,
            person_id: personId,
            workstation_id: workstation.id,
            code_hash: hash,
            session_id: sessionId,
            expires_at: now + policy['passkey.timeout'],
            used_at: null,
          })
          .execute()
        await record(tx, 'enrolment.started', {
          actor: personId,
          workstation: workstation.id,
          detail: { enrolment: enrolmentId, by: hash === null ? 'session' : 'code' },
        })
        return {
          outcome: 'begun',
          enrolmentId,
          person: incomingPerson(person, policy),
          options: { ...options },
        }
      })
    },

    async 'enrolment.finish'({ enrolmentId, response, name }, { workstation }) {
      const begun = await db.read
        .selectFrom('enrolments')
        .select('challenge')
        .where('enrolment_id', '=', enrolmentId)
        .executeTakeFirst()
      const verdict = await verifyRegistration(response, {
        challenge: begun?.challenge ?? '',
        origin,
        rpId,
      })
      return unit(async (work) => {
        const { tx, now } = work
        const enrolment = await tx
          .updateTable('enrolments')
          .set({ used_at: now })
          .where('enrolment_id', '=', enrolmentId)
          .where('workstation_id', '=', workstation.id)
          .where('used_at', 'is', null)
          .where('expires_at', '>', now)
          .returningAll()
          .executeTakeFirst()
        const refuse = async (
          reason: 'expired' | 'invalid' | 'not-verified' | 'already-enrolled',
        ) => {
          await record(tx, 'enrolment.refused', {
            outcome: 4,
            actor: enrolment?.person_id ?? null,
            workstation: workstation.id,
            detail: { enrolment: enrolmentId, reason },
          })
          return { outcome: 'refused' as const, reason }
        }
        if (!enrolment) return refuse('expired')
        if (!verdict.ok) return refuse(verdict.reason)
        const taken = await tx
          .selectFrom('passkeys')
          .select('passkey_id')
          .where('passkey_id', '=', verdict.credentialId)
          .executeTakeFirst()
        if (taken) return refuse('already-enrolled')
        const { code_hash: hash, session_id: sessionId, person_id: personId } = enrolment
        if (hash !== null && !(await consumeCode(tx, { hash, now }))) return refuse('expired')
        // The session that allowed it must still be there.
        const key = sessionId === null ? null : { sessionId, workstationId: workstation.id }
        const by = key && (await liveSessionHere(tx, key, policy, now))

        await tx
          .insertInto('passkeys')
          .values({
            passkey_id: verdict.credentialId,
            person_id: personId,
            name,
            public_key: verdict.publicKey,
            counter: verdict.counter,
            transports: JSON.stringify(verdict.transports),
            backup_eligible: verdict.synced ? 1 : 0,
            backed_up: verdict.backedUp ? 1 : 0,
            aaguid: verdict.aaguid,
            failed_attempts: 0,
            created_at: now,
            last_used_at: null,
            revoked_at: null,
          })
          .execute()
        await record(tx, 'passkey.enrolled', {
          actor: personId,
          workstation: workstation.id,
          detail: {
            passkey: verdict.credentialId,
            aaguid: verdict.aaguid,
            synced: verdict.synced,
            by: hash === null ? 'session' : 'code',
          },
        })
        await leaveNotice(services, work, {
          personId,
          kind: 'passkey-added',
          about: verdict.credentialId,
          place: workstation.name,
          by,
        })
        return {
          outcome: 'enrolled',
          passkey: {
            passkeyId: verdict.credentialId,
            name,
            createdAt: now,
            lastUsedAt: null,
            synced: verdict.synced,
          },
        }
      })
    },
  }
}
