import type { Handlers } from '../context.ts'
import { incomingPerson } from '../names.ts'
import {
  type CeremonyRequest,
  descriptors,
  prepareCeremony,
  storeCeremony,
} from '../passkeys/ceremonies.ts'
import type { Proofs } from '../passkeys/proof.ts'
import { lockOf } from '../locks.ts'
import { takeReserve } from '../reserve.ts'
import { isTapEnough } from '../roaming/take.ts'
import type { Services } from '../services.ts'
import { isLive, viewSession } from '../sessions/session-views.ts'
import { CallFailure } from '../context.ts'
import { leaveNotice } from '../notices/leave-notice.ts'
import { rememberSeen } from '../offline/seen-here.ts'
import { technologyOf } from './badge-fitness.ts'
import { identifies, standingOf } from './badge-standing.ts'
import { badgeTag, shortTag } from './badge-tag.ts'
import { findPerson, isDisabled } from './people.ts'
import { isOffShift, shiftsOf } from './roster.ts'
import { bearerOfBadge } from './bearer.ts'
import { see, travelOf } from './sightings.ts'
import { reportTap } from './taps.ts'
import { whereaboutsOf } from './whereabouts.ts'

type IdentifyCalls = Pick<Handlers, 'tap.identify' | 'passkey.challenge'>

/** From a badge, or from nobody, to a challenge. A badge identifies; it never authenticates. */
export function createIdentify(
  services: Services & { readonly proofs: Pick<Proofs, 'expect'> },
): IdentifyCalls {
  const { db, policy, record, unit, badgeKey, now, proofs } = services

  return {
    async 'tap.identify'({ tapId, badge, reader, purpose }, { workstation }) {
      const tag = badgeTag(badgeKey, badge)
      const { found, passkeys } = await bearerOfBadge(db.read, tag)
      const detail = { tag: shortTag(tag), reader, purpose }

      // Unknown, detached, conflicting, lost, over or of somebody who left: the same answer to all.
      const standing = standingOf(found, now())
      const disabled = found !== null && isDisabled(found)
      if (!found || disabled || !identifies(standing)) {
        await unit(
          async (work) => {
            await record(work.tx, 'badge.refused', {
              outcome: 4,
              workstation: workstation.id,
              detail: { ...detail, cause: disabled ? 'disabled' : standing },
            })
            if (found && standing === 'lost')
              await leaveNotice(services, work, {
                personId: found.person_id,
                kind: 'lost-badge-used',
                about: found.card_id,
                place: workstation.name,
                by: null,
              })
          },
          lockOf({ personId: found?.person_id ?? null, workstationId: workstation.id }),
        )
        return { outcome: 'refused' }
      }

      // Every way to emergency access begins with the tap of somebody known; a badge that nobody knows
      // must not use up what is kept for it.
      const personId = found.person_id
      const request: CeremonyRequest = { purpose, workstationId: workstation.id, personId, tapId }
      const ceremony = await prepareCeremony(services, request, passkeys)
      const { ceremonyId } = ceremony.view
      proofs.expect({ ceremonyId, challenge: ceremony.row.challenge, personId, passkeys })
      return unit(
        async (work) => {
          const { tx, now } = work
          const place = { workstation: workstation.id, workstationName: workstation.name }
          const [taken, , { open, last }] = await Promise.all([
            reportTap(tx, { workstationId: workstation.id, tapId, personId, purpose, now }),
            storeCeremony(tx, ceremony.row),
            // Queries of a transaction run in their order: this reads what the next one overwrites.
            whereaboutsOf(tx, { tag, personId }),
            see(tx, { tag, technology: technologyOf(badge), at: now, ...place }),
            rememberSeen(services, work, { workstationId: workstation.id, badge, tag, personId }),
          ])
          if (!taken) throw new CallFailure('conflict', 'This tap was reported before.')
          const live = open && isLive(open, policy, now) ? open : null
          const session = live?.workstation_id === workstation.id ? live : null
          const away = purpose === 'sign-in' && session === null ? live : null
          const entry = { actor: personId, session, workstation: workstation.id }
          const here = { workstationId: workstation.id, at: now }
          const travel = travelOf(last, here, policy['badge.walkTime'])
          // Before the session is read, so that its view shows the notice.
          if (travel) {
            await record(tx, 'badge.travelled', {
              ...entry,
              outcome: 4,
              detail: { tag: shortTag(tag), ...travel },
            })
            await leaveNotice(services, work, {
              personId,
              kind: 'badge-travelled',
              about: found.card_id,
              place: workstation.name,
              by: null,
            })
          }
          const [view, tapEnough] = await Promise.all([
            session && viewSession(tx, session, policy, now),
            away && isTapEnough(tx, away, policy, now),
            record(tx, 'badge.identified', { ...entry, detail }),
            isOffShift(shiftsOf(found.roster), now) &&
              record(tx, 'badge.off-shift', {
                ...entry,
                outcome: 4,
                detail: { tag: shortTag(tag) },
              }),
          ])
          return {
            outcome: 'identified',
            person: incomingPerson(found, policy),
            session: view,
            // Not where: a copied badge must not find out where its owner is.
            elsewhere: tapEnough === null ? null : { tapEnough },
            passkey: passkeys.some((one) => one.failedAttempts < policy['passkey.attempts']),
            ceremony: ceremony.view,
          }
        },
        {
          ...takeReserve,
          // A tap before the proofs of those who tapped earlier would only make more to wait for.
          urgent: purpose === 'witness',
          ...lockOf({ personId, workstationId: workstation.id }),
        },
      )
    },

    async 'passkey.challenge'({ purpose, personId }, { workstation }) {
      if (personId !== null && !(await findPerson(db.read, personId)))
        throw new CallFailure('not-found', 'No such person.')
      const passkeys = personId === null ? [] : await descriptors(db.read, personId)
      const request: CeremonyRequest = { purpose, workstationId: workstation.id, personId }
      const ceremony = await prepareCeremony(services, request, passkeys)
      // Asking proves and changes nothing yet; the answer is what gets recorded.
      const emergency = purpose === 'witness' || purpose === 'override'
      await unit(({ tx }) => storeCeremony(tx, ceremony.row), {
        ...(emergency ? takeReserve : {}),
        ...lockOf({ personId, workstationId: workstation.id }),
      })
      return ceremony.view
    },
  }
}
