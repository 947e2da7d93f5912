import type { Handlers } from '../context.ts'
import { incomingPerson } from '../names.ts'
import { type CeremonyRequest, descriptors, prepareCeremony } from '../passkeys/ceremonies.ts'
import { takeReserve } from '../reserve.ts'
import type { Services } from '../services.ts'
import { openSessions } from '../sessions/session-rows.ts'
import { isLive, viewSession } from '../sessions/session-views.ts'
import { CallFailure } from '../context.ts'
import { badgeTag, shortTag } from './badge-tag.ts'
import { findPerson } from './people.ts'
import { tapLife } from './taps.ts'

type IdentifyCalls = Pick<Handlers, 'tap.identify' | 'passkey.challenge'>

/** From a badge, or from nobody, to a challenge. A badge identifies; it never authenticates. */
export function createIdentify(services: Services): IdentifyCalls {
  const { db, policy, record, unit, badgeKey } = services

  return {
    async 'tap.identify'({ tapId, badge, reader, purpose }, { workstation }) {
      const tag = badgeTag(badgeKey, badge)
      const found = await db.read
        .selectFrom('badges')
        .innerJoin('people', 'people.person_id', 'badges.person_id')
        .selectAll('people')
        .select('badges.status')
        .where('tag', '=', tag)
        .executeTakeFirst()
      const detail = { tag: shortTag(tag), reader, purpose }

      // Unknown, revoked, conflicting: the same two steps and the same answer.
      if (found?.status !== 'active') {
        await unit(({ tx }) =>
          record(tx, 'badge.refused', {
            outcome: 4,
            workstation: workstation.id,
            detail: { ...detail, cause: found?.status ?? 'unknown' },
          }),
        )
        return { outcome: 'refused' }
      }

      // Every way to emergency access begins with the tap of somebody known; a badge that nobody knows
      // must not use up what is kept for it.
      const personId = found.person_id
      const passkeys = await descriptors(db.read, personId)
      const request: CeremonyRequest = { purpose, workstationId: workstation.id, personId, tapId }
      const ceremony = await prepareCeremony(services, request, passkeys)
      return unit(async ({ tx, now }) => {
        const [taken, , sessions] = await Promise.all([
          tx
            .insertInto('taps')
            .values({
              workstation_id: workstation.id,
              tap_id: tapId,
              person_id: personId,
              purpose,
              expires_at: now + tapLife,
              used_at: null,
            })
            .onConflict((conflict) => conflict.doNothing())
            .returning('tap_id')
            .executeTakeFirst(),
          tx.insertInto('ceremonies').values(ceremony.row).execute(),
          openSessions(tx, { workstationId: workstation.id, personId }),
        ])
        if (!taken) throw new CallFailure('conflict', 'This tap was reported before.')
        const session = sessions.find((row) => isLive(row, policy, now)) ?? null
        const [view] = await Promise.all([
          session && viewSession(tx, session, policy, now),
          record(tx, 'badge.identified', {
            actor: personId,
            session,
            workstation: workstation.id,
            detail,
          }),
        ])
        return {
          outcome: 'identified',
          person: incomingPerson(found, policy),
          session: view,
          passkey: passkeys.some((one) => one.failedAttempts < policy['passkey.attempts']),
          ceremony: ceremony.view,
        }
      }, takeReserve)
    },

    async 'passkey.challenge'({ purpose, personId }, { workstation }) {
      if (personId !== null && !(await findPerson(db.read, personId)))
        throw new CallFailure('not-found', 'No such person.')
      const passkeys = personId === null ? [] : await descriptors(db.read, personId)
      const request: CeremonyRequest = { purpose, workstationId: workstation.id, personId }
      const ceremony = await prepareCeremony(services, request, passkeys)
      // Asking proves and changes nothing yet; the answer is what gets recorded.
      const emergency = purpose === 'witness' || purpose === 'override'
      await unit(
        ({ tx }) => tx.insertInto('ceremonies').values(ceremony.row).execute(),
        emergency ? takeReserve : {},
      )
      return ceremony.view
    },
  }
}
