import { CallFailure, type Handlers } from '../context.ts'
import type { Proofs } from '../passkeys/proof.ts'
import type { Refusal } from '../protocol/index.ts'
import { takeReserve } from '../reserve.ts'
import type { Services } from '../services.ts'
import { liveSessionHere } from '../sessions/session-rows.ts'
import { type SessionRow, viewSession } from '../sessions/session-views.ts'
import { noteHash, openCase, overQuota } from './cases.ts'
import { closeOverride } from './override-rows.ts'

type OverrideCalls = Pick<Handlers, 'override.start' | 'override.end'>

export interface OverrideOptions extends Services {
  readonly proofs: Proofs
}

/**
 * Authorization override (R19), "break the glass": more than one is provisioned for, for one
 * patient, with a reason, after a fresh proof; never blocked on finding a second person.
 */
export function createOverride(services: OverrideOptions): OverrideCalls {
  const { policy, record, unit, proofs, randomId } = services

  return {
    async 'override.start'(request, { workstation }) {
      const { sessionId, patient, reason, note, ceremonyId, response } = request
      const checked = await proofs.check(ceremonyId, response)
      return unit(async (work) => {
        const { tx, now } = work
        const key = { sessionId, workstationId: workstation.id }
        const before = await liveSessionHere(tx, key, policy, now)
        const proof = await proofs.settle(work, checked, {
          workstationId: workstation.id,
          purposes: ['override'],
        })
        const recordRefusal = (why: string, cause: string | null) =>
          record(tx, 'override.refused', {
            outcome: 4,
            session: before,
            workstation: workstation.id,
            patient,
            detail: { reason: why, cause },
          })
        const refuse = async (why: Refusal, cause: string | null) => {
          await recordRefusal(why, cause)
          return { outcome: 'refused' as const, reason: why }
        }
        if (!proof.ok) return refuse(proof.reason, proof.cause)
        if (proof.personId !== before.person_id) return refuse('wrong-person', null)
        // A witnessed session proved nothing about its person, so it cannot ask for more.
        if (before.kind !== 'standard' || before.aal < 2) return refuse('not-verified', 'session')
        if (await overQuota(services, tx, { personId: proof.personId, now })) {
          await recordRefusal('quota', null)
          return { outcome: 'quota' }
        }

        await closeOverride(services, work, before, 'replaced')
        const session: SessionRow = { ...before, verified_at: now, last_activity_at: now }
        await tx
          .updateTable('sessions')
          .set({ verified_at: now, last_activity_at: now })
          .where('session_id', '=', sessionId)
          .execute()
        const overrideId = randomId()
        const endsAt = Math.min(now + policy['emergency.alone'], session.ends_at)
        await tx
          .insertInto('overrides')
          .values({
            override_id: overrideId,
            session_id: sessionId,
            person_id: session.person_id,
            patient,
            reason,
            started_at: now,
            ends_at: endsAt,
            ended_at: null,
          })
          .execute()
        await openCase(services, work, {
          caseId: overrideId,
          kind: 'override',
          session,
          patient,
          reason,
          note,
        })
        await record(tx, 'override.started', {
          session,
          workstation: workstation.id,
          patient,
          purposeOfUse: 'BTG',
          detail: {
            override: overrideId,
            reason,
            noteHash: noteHash(overrideId, note),
            passkey: proof.passkeyId,
            endsAt,
          },
        })
        const view = await viewSession(tx, session, policy, now)
        if (!view.override) throw new Error('the override just started is not in force')
        work.publish(workstation.id, { type: 'session.changed', session: view })
        work.due(endsAt)
        return { outcome: 'granted', override: view.override }
      }, takeReserve)
    },

    async 'override.end'({ sessionId, overrideId }, { workstation }) {
      return unit(async (work) => {
        const { tx, now } = work
        const key = { sessionId, workstationId: workstation.id }
        const session = await liveSessionHere(tx, key, policy, now)
        const override = await tx
          .selectFrom('overrides')
          .select('ended_at')
          .where('override_id', '=', overrideId)
          .where('session_id', '=', sessionId)
          .executeTakeFirst()
        if (!override) throw new CallFailure('not-found', 'This session has no such override.')
        if (override.ended_at !== null) return {}
        await closeOverride(services, work, session, 'asked')
        const view = await viewSession(tx, session, policy, now)
        work.publish(workstation.id, { type: 'session.changed', session: view })
        return {}
      }, takeReserve)
    },
  }
}
