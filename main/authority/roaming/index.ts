import type { Handlers } from '../context.ts'
import { consumeTap, personOfTap } from '../identities/taps.ts'
import { lockOfTap } from '../locks.ts'
import type { Services } from '../services.ts'
import { beginSession } from '../sessions/begin-session.ts'
import type { EndSession } from '../sessions/ending.ts'
import { openSessionOf, sessionHere } from '../sessions/session-rows.ts'
import { isLive, viewSession } from '../sessions/session-views.ts'
import { acknowledge, seatUnit } from './acknowledge.ts'
import { isTapEnough } from './take.ts'

type RoamingCalls = Pick<Handlers, 'session.take' | 'session.secured'>

/** A session that follows its person to another workstation (R3). */
export function createRoaming(
  services: Services & { readonly endSession: EndSession },
): RoamingCalls {
  const { db, policy, record, unit, isOver = () => false } = services

  return {
    async 'session.take'({ tapId }, { workstation }) {
      const lock = await lockOfTap(db, { tapId, workstationId: workstation.id })
      return unit(async (work) => {
        const { tx, now } = work
        const tap = { workstationId: workstation.id, tapId, now }
        const personId = await personOfTap(tx, tap)
        const open = personId === null ? null : await openSessionOf(tx, personId)
        const refuse = async (reason: 'expired' | 'not-verified') => {
          await record(tx, 'session.refused', {
            outcome: 4,
            actor: personId,
            workstation: workstation.id,
            detail: { reason, cause: 'take' },
          })
          return { outcome: 'refused' as const, reason }
        }
        if (personId === null) return refuse('expired')
        const takes =
          open !== null &&
          open.workstation_id !== workstation.id &&
          isLive(open, policy, now) &&
          !isOver(open.session_id) &&
          (await isTapEnough(tx, open, policy, now))
        if (!takes) return refuse('not-verified')
        if (!(await consumeTap(tx, tap))) return refuse('expired')

        const { aal, amr, verified_at } = open
        const { session, movedFrom } = await beginSession(services, work, {
          personId,
          place: workstation,
          assurance: { aal, amr, verified_at },
          by: { kind: 'tap' },
        })
        await record(tx, 'session.started', {
          session,
          workstation: workstation.id,
          patient: session.patient,
          purposeOfUse: 'TREAT',
          detail: { by: 'tap', kind: session.kind, endsAt: session.ends_at },
        })
        const view = await viewSession(tx, session, policy, now)
        return { outcome: 'signed-in', session: view, movedFrom }
      }, lock)
    },

    /** Told again and again until it is answered, so nothing may depend on how often. */
    async 'session.secured'({ sessionId }, { workstation }) {
      const key = { sessionId, workstationId: workstation.id }
      return seatUnit(services, key, async (work, reach) => {
        await acknowledge(services, work, await sessionHere(work.tx, key), 'seat', reach)
        return {}
      })
    },
  }
}
