import type { Handlers } from '../context.ts'
import { personOf } from '../identities/people.ts'
import { consumeTap, personOfTap } from '../identities/taps.ts'
import { holdBackFirst } from '../notices/hold-back.ts'
import type { Proof, Proofs } from '../passkeys/proof.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import { reserveOfSession, takeReserve } from '../reserve.ts'
import type { EndSession } from './ending.ts'
import { liveSessionHere, openSessions, sessionHere } from './session-rows.ts'
import { inactiveAt, isLive, type SessionRow, tapGraceUntil, viewSession } from './session-views.ts'

type SessionCalls = Pick<
  Handlers,
  | 'session.start'
  | 'session.resume'
  | 'session.shield'
  | 'session.activity'
  | 'session.end'
  | 'session.cleared'
>

export interface SessionOptions extends Services {
  readonly proofs: Proofs
  readonly endSession: EndSession
}

type Place = { readonly id: string; readonly name: string }

export function createSessions(services: SessionOptions): SessionCalls {
  const { db, policy, now, record, unit, proofs, endSession, randomId } = services

  /** A proven person begins here; earlier sessions of theirs at this seat make room. */
  async function startFor(
    work: Unit,
    proof: Extract<Proof, { ok: true }>,
    place: Place,
  ): Promise<SessionRow> {
    const { tx, now, due } = work
    const { personId, aal } = proof
    const amr = JSON.stringify(proof.amr)
    const here = await openSessions(tx, { workstationId: place.id, personId })
    for (const open of here) {
      if (open.kind === 'standard' && isLive(open, policy, now)) {
        const reverified: SessionRow = {
          ...open,
          aal,
          amr,
          verified_at: now,
          last_activity_at: now,
          shielded_at: null,
        }
        await Promise.all([
          tx
            .updateTable('sessions')
            .set({ aal, amr, verified_at: now, last_activity_at: now, shielded_at: null })
            .where('session_id', '=', open.session_id)
            .execute(),
          record(tx, 'session.reverified', {
            session: reverified,
            workstation: place.id,
            detail: { passkey: proof.passkeyId, before: open.verified_at },
          }),
        ])
        await endFallbacks(work, here)
        return reverified
      }
    }
    await endFallbacks(work, here)
    for (const open of here)
      if (open.kind !== 'fallback')
        await endSession(work, open, now < open.ends_at ? 'inactivity' : 'session-limit')

    const person = await personOf(tx, personId)
    const session: SessionRow = {
      session_id: randomId(),
      person_id: personId,
      workstation_id: place.id,
      workstation_name: place.name,
      kind: 'standard',
      scope: 'full',
      aal,
      amr,
      verified_at: now,
      started_at: now,
      ends_at: now + policy['session.overall'],
      last_activity_at: now,
      shielded_at: null,
      applications: person.applications,
      patient: person.patient,
      witness_id: null,
      ended_at: null,
      end_reason: null,
      cleared_at: null,
    }
    await tx.insertInto('sessions').values(session).execute()
    await record(tx, 'session.started', {
      session,
      workstation: place.id,
      patient: session.patient,
      purposeOfUse: 'TREAT',
      detail: { passkey: proof.passkeyId, kind: 'standard', endsAt: session.ends_at },
    })
    due(inactiveAt(session, policy))
    return session
  }

  /** Whoever proves who they are needs no witness any more. */
  async function endFallbacks(work: Unit, here: readonly SessionRow[]): Promise<void> {
    for (const open of here)
      if (open.kind === 'fallback') await endSession(work, open, 'emergency-over')
  }

  const ofEmergency = (sessionId: string) => ({
    reserve: () => reserveOfSession(db, sessionId, now()),
  })

  return {
    async 'session.start'({ ceremonyId, response }, { workstation }) {
      const checked = await proofs.check(ceremonyId, response)
      return unit(async (work) => {
        const { tx, now } = work
        const proof = await proofs.settle(work, checked, {
          workstationId: workstation.id,
          purposes: ['sign-in', 'enrol'],
        })
        if (!proof.ok) {
          await record(tx, 'session.refused', {
            outcome: 4,
            actor: proof.personId,
            workstation: workstation.id,
            detail: { reason: proof.reason, cause: proof.cause },
          })
          return { outcome: 'refused', reason: proof.reason }
        }
        // The tap that asked for this is spent: a later resume needs a tap of its own.
        const { tap_id: tapId } = proof.ceremony
        const [session] = await Promise.all([
          startFor(work, proof, workstation),
          tapId === null ? null : consumeTap(tx, { workstationId: workstation.id, tapId, now }),
        ])
        if (proof.firstUse) await holdBackFirst(tx, session, proof.passkeyId)
        return {
          outcome: 'signed-in',
          session: await viewSession(tx, session, policy, now),
          movedFrom: null,
        }
      })
    },

    async 'session.resume'({ sessionId, tapId }, { workstation }) {
      return unit(async ({ tx, now }) => {
        const key = { sessionId, workstationId: workstation.id }
        const tap = { workstationId: workstation.id, tapId, now }
        const [session, personId] = await Promise.all([
          liveSessionHere(tx, key, policy, now),
          personOfTap(tx, tap),
        ])
        const refuse = async (reason: 'expired' | 'wrong-person' | 'not-verified') => {
          await record(tx, 'session.refused', {
            outcome: 4,
            actor: personId,
            session,
            workstation: workstation.id,
            detail: { reason, cause: 'resume' },
          })
          return { outcome: 'refused' as const, reason }
        }
        if (personId === null) return refuse('expired')
        if (personId !== session.person_id) return refuse('wrong-person')
        if (now >= tapGraceUntil(session, policy)) return refuse('not-verified')
        if (!(await consumeTap(tx, tap))) return refuse('expired')

        const resumed = { ...session, last_activity_at: now, shielded_at: null }
        const [view] = await Promise.all([
          viewSession(tx, resumed, policy, now),
          tx
            .updateTable('sessions')
            .set({ last_activity_at: now, shielded_at: null })
            .where('session_id', '=', sessionId)
            .execute(),
          record(tx, 'session.resumed', { session, workstation: workstation.id }),
        ])
        return { outcome: 'signed-in', session: view, movedFrom: null }
      }, ofEmergency(sessionId))
    },

    async 'session.shield'({ sessionId, reason }, { workstation }) {
      return unit(async ({ tx, now }) => {
        const key = { sessionId, workstationId: workstation.id }
        const session = await liveSessionHere(tx, key, policy, now)
        await tx
          .updateTable('sessions')
          .set({ shielded_at: now })
          .where('session_id', '=', sessionId)
          .execute()
        await record(tx, 'session.shielded', {
          session,
          workstation: workstation.id,
          detail: { reason },
        })
        return {}
      }, takeReserve)
    },

    /** Not a security event, so no record; behind the shield nobody is active. */
    async 'session.activity'({ sessionId }, { workstation }) {
      return unit(async ({ tx, now }) => {
        const key = { sessionId, workstationId: workstation.id }
        const session = await liveSessionHere(tx, key, policy, now)
        if (session.shielded_at !== null) return { inactiveAt: inactiveAt(session, policy) }
        await tx
          .updateTable('sessions')
          .set({ last_activity_at: now })
          .where('session_id', '=', sessionId)
          .execute()
        return { inactiveAt: inactiveAt({ ...session, last_activity_at: now }, policy) }
      }, ofEmergency(sessionId))
    },

    /** Signing out always works; ending what has ended changes nothing. */
    async 'session.end'({ sessionId, reason }, { workstation }) {
      return unit(async (work) => {
        const key = { sessionId, workstationId: workstation.id }
        await endSession(work, await sessionHere(work.tx, key), reason)
        return {}
      }, takeReserve)
    },

    async 'session.cleared'({ sessionId, verified }, { workstation }) {
      return unit(async ({ tx, now }) => {
        const key = { sessionId, workstationId: workstation.id }
        const session = await sessionHere(tx, key)
        if (verified)
          await tx
            .updateTable('sessions')
            .set({ cleared_at: now })
            .where('session_id', '=', sessionId)
            .execute()
        await record(tx, 'session.cleared', {
          outcome: verified ? 0 : 8,
          session,
          workstation: workstation.id,
          detail: { verified },
        })
        return {}
      }, takeReserve)
    },
  }
}
