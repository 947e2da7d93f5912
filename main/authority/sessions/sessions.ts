import type { Handlers } from '../context.ts'
import { bearerOfTap, consumeTap, personOfTap } from '../identities/taps.ts'
import { holdBackFirst } from '../notices/hold-back.ts'
import type { Proof, Proofs } from '../passkeys/proof.ts'
import { acknowledgeCleared, seatUnit } from '../roaming/acknowledge.ts'
import { securedByColleague } from '../roaming/colleague.ts'
import { lookForRoom, type Place, type Room } from '../roaming/make-room.ts'
import type { Person } from '../identities/people.ts'
import { unansweredOf } from '../notices/open-notices.ts'
import { saysTravelled, takeBackTravelled } from '../notices/take-back-travelled.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import { lockOf, lockOfSession } from '../locks.ts'
import { reserveOfSession, takeReserve } from '../reserve.ts'
import { beginSession, type Begun } from './begin-session.ts'
import type { EndSession } from './ending.ts'
import { liveSessionHere, sessionHere } from './session-rows.ts'
import {
  inactiveAt,
  isLive,
  type SessionRow,
  sessionView,
  tapGraceUntil,
  viewSession,
} from './session-views.ts'

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

type Proven = Extract<Proof, { ok: true }>

export function createSessions(services: SessionOptions): SessionCalls {
  const { db, policy, now, record, unit, proofs, endSession, isOver = () => false } = services

  /** Their session here goes on, with a proof of now. */
  async function reverify(
    { tx, now }: Unit,
    open: SessionRow,
    { aal, amr, passkeyId }: Proven,
  ): Promise<SessionRow> {
    const change = {
      aal,
      amr: JSON.stringify(amr),
      verified_at: now,
      last_activity_at: now,
      shielded_at: null,
    }
    const session: SessionRow = { ...open, ...change }
    await Promise.all([
      tx.updateTable('sessions').set(change).where('session_id', '=', open.session_id).execute(),
      record(tx, 'session.reverified', {
        session,
        workstation: open.workstation_id,
        detail: { passkey: passkeyId, before: open.verified_at },
      }),
    ])
    return session
  }

  /** A proven person begins here; their session elsewhere follows them (R3). */
  async function startFor(
    work: Unit,
    proof: Proven,
    place: Place,
    known: { readonly person: Person; readonly room: Room },
  ): Promise<Begun> {
    const { tx, now } = work
    const { left: open } = known.room
    const goesOn =
      open?.workstation_id === place.id &&
      open.kind === 'standard' &&
      isLive(open, policy, now) &&
      !isOver(open.session_id)
    if (goesOn) return { session: await reverify(work, open, proof), movedFrom: null }

    return beginSession(services, work, {
      personId: proof.personId,
      place,
      known,
      assurance: { aal: proof.aal, amr: JSON.stringify(proof.amr), verified_at: now },
      by: { kind: 'passkey', passkeyId: proof.passkeyId },
      record: (session) =>
        record(tx, 'session.started', {
          session,
          workstation: place.id,
          patient: session.patient,
          purposeOfUse: 'TREAT',
          detail: { passkey: proof.passkeyId, kind: 'standard', endsAt: session.ends_at },
        }),
    })
  }

  const ofEmergency = (sessionId: string) => ({
    reserve: () => reserveOfSession(db, sessionId, now()),
  })

  return {
    async 'session.start'({ ceremonyId, response }, { workstation }) {
      const checked = await proofs.check(ceremonyId, response)
      return unit(
        async (work) => {
          const { tx, now } = work
          const place = workstation
          const { personId } = checked
          const arrival = personId === null ? null : { personId, place }
          const wanted = { workstationId: place.id, purposes: ['sign-in', 'enrol'] } as const
          // What is asked together is one round trip, and the rounds are what a sign-in costs.
          const [decision, room] = await Promise.all([
            proofs.decide(work, checked, wanted),
            arrival && lookForRoom(tx, arrival),
          ])
          if (!('count' in decision)) {
            const { proof } = decision
            await record(tx, 'session.refused', {
              outcome: 4,
              actor: proof.personId,
              workstation: workstation.id,
              detail: { reason: proof.reason, cause: proof.cause },
            })
            return { outcome: 'refused', reason: proof.reason }
          }
          if (!room) throw new Error('a proof of nobody')
          const { proof, person } = decision
          const notices = room.noticed ? await unansweredOf(tx, proof.personId) : []
          // The tap that asked for this is spent: a later resume needs a tap of its own.
          const { tap_id: tapId } = proof.ceremony
          const [{ session, movedFrom }] = await Promise.all([
            startFor(work, proof, place, { person, room }),
            decision.count(),
            tapId === null ? null : consumeTap(tx, { workstationId: place.id, tapId, now }),
          ])
          // Of a session that began this moment everything is known.
          const fresh = room.left === null && (notices.length === 0 || !proof.firstUse)
          if (fresh) {
            const nothing = { witness: null, override: null }
            const view = sessionView(session, { person, ...nothing, notices }, policy)
            return { outcome: 'signed-in', session: view, movedFrom }
          }
          if (proof.firstUse) await holdBackFirst(tx, session, proof.passkeyId)
          if (tapId !== null && room.left !== null && notices.some(saysTravelled))
            await takeBackTravelled(services, work, { tapId, session, left: room.left })
          return {
            outcome: 'signed-in',
            session: await viewSession(tx, session, policy, now),
            movedFrom,
          }
        },
        lockOf({ personId: checked.personId, workstationId: workstation.id }),
      )
    },

    async 'session.resume'({ sessionId, tapId }, { workstation }) {
      const key = { sessionId, workstationId: workstation.id }
      const lock = await lockOfSession(db, key)
      return unit(
        async ({ tx, now }) => {
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
        },
        { ...ofEmergency(sessionId), ...lock },
      )
    },

    async 'session.shield'({ sessionId, reason, by }, { workstation }) {
      const key = { sessionId, workstationId: workstation.id }
      const lock = await lockOfSession(db, key)
      return unit(
        async (work) => {
          const { tx, now } = work
          const session = await liveSessionHere(tx, key, policy, now)
          await tx
            .updateTable('sessions')
            .set({ shielded_at: now })
            .where('session_id', '=', sessionId)
            .execute()
          const tapId = reason === 'colleague' ? by : null
          const tap = tapId && { workstationId: workstation.id, tapId, now }
          const actor = tap ? await bearerOfTap(tx, tap) : null
          if (actor !== null && actor !== session.person_id) {
            await securedByColleague(services, work, session, actor)
            return {}
          }
          await record(tx, 'session.shielded', {
            session,
            workstation: workstation.id,
            detail: { reason },
          })
          return {}
        },
        { ...takeReserve, ...lock },
      )
    },

    /** Not a security event, so no record; behind the shield nobody is active. */
    async 'session.activity'({ sessionId }, { workstation }) {
      const key = { sessionId, workstationId: workstation.id }
      const lock = await lockOfSession(db, key)
      return unit(
        async ({ tx, now }) => {
          const session = await liveSessionHere(tx, key, policy, now)
          if (session.shielded_at !== null) return { inactiveAt: inactiveAt(session, policy) }
          await tx
            .updateTable('sessions')
            .set({ last_activity_at: now })
            .where('session_id', '=', sessionId)
            .execute()
          return { inactiveAt: inactiveAt({ ...session, last_activity_at: now }, policy) }
        },
        { ...ofEmergency(sessionId), ...lock },
      )
    },

    /** Signing out always works; ending what has ended changes nothing. */
    async 'session.end'({ sessionId, reason }, { workstation }) {
      const key = { sessionId, workstationId: workstation.id }
      const lock = await lockOfSession(db, key)
      return unit(
        async (work) => {
          await endSession(work, await sessionHere(work.tx, key), reason)
          return {}
        },
        { ...takeReserve, ...lock },
      )
    },

    async 'session.cleared'({ sessionId, verified }, { workstation }) {
      const key = { sessionId, workstationId: workstation.id }
      return seatUnit(services, key, async (work, reach) => {
        const { tx, now } = work
        const session = await sessionHere(tx, key)
        if (verified) await acknowledgeCleared(services, work, session, 'seat', reach)
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
      })
    },
  }
}
