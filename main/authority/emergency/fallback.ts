import { CallFailure, type Handlers } from '../context.ts'
import { personOf } from '../identities/people.ts'
import { consumeTap, personOfTap } from '../identities/taps.ts'
import { incomingPerson } from '../names.ts'
import type { Proofs } from '../passkeys/proof.ts'
import { takeReserve } from '../reserve.ts'
import { leaveNotice } from '../notices/leave-notice.ts'
import type { Services } from '../services.ts'
import { beginSession } from '../sessions/begin-session.ts'
import type { EndSession } from '../sessions/ending.ts'
import { viewSession } from '../sessions/session-views.ts'
import { noteHash, openCase, overQuota } from './cases.ts'

type FallbackCalls = Pick<Handlers, 'fallback.request' | 'fallback.approve' | 'fallback.decline'>

export interface FallbackOptions extends Services {
  readonly proofs: Proofs
  readonly endSession: EndSession
}

/**
 * Identity fallback (R19): a person who cannot prove who they are, known by badge, vouched for by a
 * colleague who can. The colleague signs in nowhere and their own session is not touched.
 */
export function createFallback(services: FallbackOptions): FallbackCalls {
  const { policy, record, unit, proofs, randomId } = services

  return {
    async 'fallback.request'({ tapId, reason, note }, { workstation }) {
      return unit(async ({ tx, now }) => {
        const tap = { workstationId: workstation.id, tapId, now }
        const personId = await personOfTap(tx, tap)
        const refuse = async (why: 'expired' | 'quota') => {
          await record(tx, 'fallback.refused', {
            outcome: 4,
            actor: personId,
            workstation: workstation.id,
            detail: { reason: why },
          })
          return { outcome: 'refused' as const, reason: why }
        }
        if (personId === null) return refuse('expired')
        if (await overQuota(services, tx, { personId, now })) return refuse('quota')
        if (!(await consumeTap(tx, tap))) return refuse('expired')

        // One question at a time: a new request withdraws what the person asked before.
        await tx
          .updateTable('fallback_requests')
          .set({ status: 'declined' })
          .where('person_id', '=', personId)
          .where('status', '=', 'open')
          .execute()
        const requestId = randomId()
        const expiresAt = now + policy['emergency.requestLife']
        await tx
          .insertInto('fallback_requests')
          .values({
            request_id: requestId,
            person_id: personId,
            workstation_id: workstation.id,
            reason,
            note,
            requested_at: now,
            expires_at: expiresAt,
            status: 'open',
          })
          .execute()
        await record(tx, 'fallback.requested', {
          actor: personId,
          workstation: workstation.id,
          detail: { request: requestId, reason, noteHash: noteHash(requestId, note) },
        })
        const person = incomingPerson(await personOf(tx, personId), policy)
        return { outcome: 'requested', requestId, person, expiresAt }
      }, takeReserve)
    },

    async 'fallback.approve'({ requestId, ceremonyId, response }, { workstation }) {
      const checked = await proofs.check(ceremonyId, response)
      return unit(async (work) => {
        const { tx, now } = work
        const witness = await proofs.settle(work, checked, {
          workstationId: workstation.id,
          purposes: ['witness'],
        })
        const request = await tx
          .selectFrom('fallback_requests')
          .selectAll()
          .where('request_id', '=', requestId)
          .where('workstation_id', '=', workstation.id)
          .executeTakeFirst()
        const recordRefusal = (reason: string, cause: string | null) =>
          record(tx, 'fallback.refused', {
            outcome: 4,
            actor: request?.person_id ?? null,
            workstation: workstation.id,
            detail: { request: requestId, reason, cause, witness: witness.personId },
          })
        if (!witness.ok) {
          await recordRefusal(witness.reason, witness.cause)
          return { outcome: 'refused', reason: witness.reason }
        }
        if (request && request.person_id === witness.personId) {
          await recordRefusal('same-person', null)
          return { outcome: 'same-person' }
        }
        const approved = await tx
          .updateTable('fallback_requests')
          .set({ status: 'approved' })
          .where('request_id', '=', requestId)
          .where('workstation_id', '=', workstation.id)
          .where('status', '=', 'open')
          .where('expires_at', '>', now)
          .returningAll()
          .executeTakeFirst()
        if (!approved) {
          await recordRefusal('expired', 'request')
          return { outcome: 'refused', reason: 'expired' }
        }

        const { person_id: personId } = approved
        const { session } = await beginSession(services, work, {
          personId,
          place: workstation,
          assurance: { aal: 0, amr: JSON.stringify(['witness']), verified_at: now },
          by: { kind: 'witness', witnessId: witness.personId },
        })
        await openCase(services, work, {
          caseId: session.session_id,
          kind: 'fallback',
          session,
          patient: session.patient,
          reason: approved.reason,
          note: approved.note,
        })
        // Whoever it really is hears of it (R16), once they prove who they are.
        await leaveNotice(services, work, {
          personId,
          kind: 'vouched-for',
          about: session.session_id,
          place: workstation.name,
          by: null,
        })
        const entry = { session, workstation: workstation.id, patient: session.patient }
        await record(tx, 'fallback.approved', {
          ...entry,
          detail: {
            request: requestId,
            reason: approved.reason,
            noteHash: noteHash(requestId, approved.note),
            witness: witness.personId,
            passkey: witness.passkeyId,
            endsAt: session.ends_at,
          },
        })
        await record(tx, 'session.started', {
          ...entry,
          purposeOfUse: 'ETREAT',
          detail: { kind: 'fallback', witness: witness.personId, endsAt: session.ends_at },
        })
        return {
          outcome: 'signed-in',
          session: await viewSession(tx, session, policy, now),
          // Where they were is told to those only who proved who they are.
          movedFrom: null,
        }
      }, takeReserve)
    },

    async 'fallback.decline'({ requestId }, { workstation }) {
      return unit(async ({ tx }) => {
        const request = await tx
          .selectFrom('fallback_requests')
          .select(['person_id', 'status'])
          .where('request_id', '=', requestId)
          .where('workstation_id', '=', workstation.id)
          .executeTakeFirst()
        if (!request) throw new CallFailure('not-found', 'No such request at this workstation.')
        if (request.status !== 'open') return {}
        await tx
          .updateTable('fallback_requests')
          .set({ status: 'declined' })
          .where('request_id', '=', requestId)
          .execute()
        await record(tx, 'fallback.declined', {
          outcome: 4,
          actor: request.person_id,
          workstation: workstation.id,
          detail: { request: requestId },
        })
        return {}
      }, takeReserve)
    },
  }
}
