import { CallFailure, type Handlers } from '../context.ts'
import { leaveNotice } from '../notices/leave-notice.ts'
import type { Proofs } from '../passkeys/proof.ts'
import type { Response } from '../protocol/index.ts'
import type { Services } from '../services.ts'
import { isProven, liveSessionHere } from '../sessions/session-rows.ts'
import { isLive, type SessionRow } from '../sessions/session-views.ts'
import type { Unit } from '../unit-of-work.ts'
import type { BadgeEnrolmentTable } from '../../store/schema/authority.ts'
import { technologyOf, unfitness } from './badge-fitness.ts'
import { type BadgeRow, badgesOf, findBadge, giveBadge, viewBadge } from './badge-rows.ts'
import { isFree, standingOf } from './badge-standing.ts'
import { badgeTag, shortTag } from './badge-tag.ts'
import { detachCard } from './detach-card.ts'
import { personOf } from './people.ts'
import { loanerEnd, shiftsOf } from './roster.ts'

type EnrolmentCalls = Pick<Handlers, 'badge.begin' | 'badge.confirm' | 'badge.assign'>
type Enrolment = Readonly<BadgeEnrolmentTable>
type Place = { readonly id: string; readonly name: string }
type Assignment = Response<'badge.assign'>
type NotAssigned = Extract<Assignment, { outcome: 'not-assigned' }>['reason']

/** The second tap comes within this, ms. */
const tapAgainWithin = 60_000
/** Name, kind and passkey follow within this after the second tap, ms. */
const assignWithin = 5 * 60_000

export interface BadgeEnrolmentOptions extends Services {
  readonly proofs: Proofs
}

/**
 * From a badge in the hand to a badge of one's own (R9, R10): two taps that agree show that its
 * number is constant, a passkey shows who it is for. What somebody else has stays theirs, and they
 * are told.
 */
export function createBadgeEnrolment(services: BadgeEnrolmentOptions): EnrolmentCalls {
  const { policy, record, unit, proofs, badgeKey, randomId } = services

  /** The enrolment as far as it can go on: here, unused, in time, its session still live. */
  async function openEnrolment(
    { tx, now }: Unit,
    enrolmentId: string,
    workstation: Place,
  ): Promise<{ readonly enrolment: Enrolment; readonly session: SessionRow } | null> {
    const enrolment = await tx
      .selectFrom('badge_enrolments')
      .selectAll()
      .where('enrolment_id', '=', enrolmentId)
      .where('workstation_id', '=', workstation.id)
      .where('used_at', 'is', null)
      .where('expires_at', '>', now)
      .executeTakeFirst()
    if (!enrolment) return null
    const session = await tx
      .selectFrom('sessions')
      .selectAll()
      .where('session_id', '=', enrolment.session_id)
      .executeTakeFirst()
    return session && isLive(session, policy, now) ? { enrolment, session } : null
  }

  /** Uses the enrolment up; of any number at once, one is told so. */
  async function consume({ tx, now }: Unit, { enrolment_id: id }: Enrolment): Promise<boolean> {
    const used = await tx
      .updateTable('badge_enrolments')
      .set({ used_at: now })
      .where('enrolment_id', '=', id)
      .where('used_at', 'is', null)
      .returning('enrolment_id')
      .executeTakeFirst()
    return used !== undefined
  }

  /** The owner is told who has their badge in the hand, where; theirs stays as it is. */
  async function tellOwner(
    work: Unit,
    badge: BadgeRow,
    session: SessionRow,
    workstation: Place,
  ): Promise<void> {
    if (badge.person_id === session.person_id) return
    await leaveNotice(services, work, {
      personId: badge.person_id,
      kind: 'badge-claimed',
      about: badge.card_id,
      place: workstation.name,
      by: null,
    })
  }

  return {
    async 'badge.begin'({ sessionId, tapId, badge, refusedAtEnrolment }, { workstation }) {
      return unit(async (work) => {
        const { tx, now } = work
        const key = { sessionId, workstationId: workstation.id }
        const session = await liveSessionHere(tx, key, policy, now)
        const tag = badgeTag(badgeKey, badge)
        const refuse = async (
          reason: 'unfit' | 'taken' | 'yours' | 'emergency',
          detail: Readonly<Record<string, string>> = {},
        ) => {
          await record(tx, 'badge.enrolment-refused', {
            outcome: 4,
            session,
            workstation: workstation.id,
            detail: { tag: shortTag(tag), reason, ...detail },
          })
          return { outcome: 'refused' as const, reason }
        }
        // A witnessed session proved nothing about its person, so it cannot add credentials.
        if (!isProven(session)) return refuse('emergency')
        const cause = unfitness(badge, refusedAtEnrolment)
        if (cause !== null) return refuse('unfit', { cause })
        const held = await findBadge(tx, tag)
        const standing = standingOf(held, now)
        if (held && !isFree(standing)) {
          const own = held.person_id === session.person_id && standing !== 'conflicting'
          if (own) return refuse('yours')
          await tellOwner(work, held, session, workstation)
          return refuse('taken', { standing, owner: held.person_id })
        }

        const enrolmentId = randomId()
        const expiresAt = now + tapAgainWithin
        // Starting again replaces what this session had begun.
        await tx
          .updateTable('badge_enrolments')
          .set({ used_at: now })
          .where('session_id', '=', sessionId)
          .where('used_at', 'is', null)
          .execute()
        await tx
          .insertInto('badge_enrolments')
          .values({
            enrolment_id: enrolmentId,
            person_id: session.person_id,
            session_id: sessionId,
            workstation_id: workstation.id,
            tag,
            technology: technologyOf(badge),
            first_tap_id: tapId,
            confirmed: 0,
            loaner_only: held?.stock ?? 0,
            expires_at: expiresAt,
            used_at: null,
          })
          .execute()
        await record(tx, 'badge.listened', {
          session,
          workstation: workstation.id,
          detail: { enrolment: enrolmentId, tag: shortTag(tag), tap: 1 },
        })
        return { outcome: 'tap-again', enrolmentId, expiresAt }
      })
    },

    async 'badge.confirm'({ enrolmentId, tapId, badge }, { workstation }) {
      return unit(async (work) => {
        const { tx, now } = work
        const open = await openEnrolment(work, enrolmentId, workstation)
        const tag = badgeTag(badgeKey, badge)
        const entry = {
          session: open?.session ?? null,
          workstation: workstation.id,
          detail: { enrolment: enrolmentId, tag: shortTag(tag) },
        }
        const refuse = async (reason: 'differs' | 'expired') => {
          const detail = { ...entry.detail, reason }
          await record(tx, 'badge.enrolment-refused', { ...entry, outcome: 4, detail })
          return { outcome: 'refused' as const, reason }
        }
        if (!open || open.enrolment.confirmed === 1) return refuse('expired')
        // One tap read twice shows nothing about the second.
        if (open.enrolment.first_tap_id === tapId)
          throw new CallFailure('conflict', 'This tap was reported before.')
        if (open.enrolment.tag !== tag) {
          await consume(work, open.enrolment)
          return refuse('differs')
        }
        const stock = (await findBadge(tx, tag))?.stock ?? 0
        await tx
          .updateTable('badge_enrolments')
          .set({ confirmed: 1, loaner_only: stock, expires_at: now + assignWithin })
          .where('enrolment_id', '=', enrolmentId)
          .execute()
        await record(tx, 'badge.listened', { ...entry, detail: { ...entry.detail, tap: 2 } })
        return { outcome: 'agreed', loanerOnly: stock === 1 }
      })
    },

    async 'badge.assign'(request, { workstation }) {
      const { enrolmentId, replaces, sameCard } = request
      if (replaces !== null && replaces === sameCard)
        throw new CallFailure('bad-request', 'A card cannot replace the card that it is part of.')
      const checked = await proofs.check(request.ceremonyId, request.response)
      return unit(async (work): Promise<Assignment> => {
        const { tx, now } = work
        const proof = await proofs.settle(work, checked, {
          workstationId: workstation.id,
          purposes: ['badge'],
        })
        const open = await openEnrolment(work, enrolmentId, workstation)
        const recordRefusal = (reason: string, cause: string | null) =>
          record(tx, 'badge.enrolment-refused', {
            outcome: 4,
            actor: proof.personId,
            session: open?.session ?? null,
            workstation: workstation.id,
            detail: { enrolment: enrolmentId, reason, cause },
          })
        const refuseAssignment = async (reason: NotAssigned): Promise<Assignment> => {
          await recordRefusal(reason, null)
          return { outcome: 'not-assigned', reason }
        }
        // A failed proof leaves the two taps good: the person tries again with a new challenge.
        if (!proof.ok) {
          await recordRefusal(proof.reason, proof.cause)
          return { outcome: 'refused', reason: proof.reason }
        }
        if (!open || open.enrolment.confirmed !== 1) return refuseAssignment('expired')
        const { enrolment, session } = open
        const personId = enrolment.person_id
        if (proof.personId !== personId) {
          await recordRefusal('wrong-person', null)
          return { outcome: 'refused', reason: 'wrong-person' }
        }

        const [held, person, part, old] = await Promise.all([
          findBadge(tx, enrolment.tag),
          personOf(tx, personId),
          sameCard === null ? null : badgesOf(tx, { personId, cardId: sameCard, now }),
          replaces === null ? null : badgesOf(tx, { personId, cardId: replaces, now }),
        ])
        const first = part?.find(({ status }) => status === 'active')
        if ((part && !first) || old?.length === 0) return refuseAssignment('not-found')
        // The second chip of a card is called what the card is called and ends when it ends.
        const kind = first?.kind ?? request.kind
        const life = policy['badge.loanerLife']
        const loan = first
          ? first.ends_at
          : loanerEnd({ now, life, shifts: shiftsOf(person.roster) })
        if (held?.stock === 1 && kind !== 'loaner') return refuseAssignment('loaner-only')

        if (!(await consume(work, enrolment))) return refuseAssignment('expired')
        const badge = await giveBadge(tx, {
          tag: enrolment.tag,
          key_version: badgeKey.version,
          badge_id: randomId(),
          card_id: first?.card_id ?? randomId(),
          person_id: personId,
          directory_person_id: held?.directory_person_id ?? null,
          name: first?.name ?? request.name,
          kind,
          status: 'active',
          technology: enrolment.technology,
          stock: kind === 'loaner' ? 1 : 0,
          assigned_at: now,
          ends_at: kind === 'loaner' ? loan : null,
          last_seen_at: now,
          last_seen_workstation_id: workstation.id,
          last_seen_workstation_name: workstation.name,
        })
        if (!badge) {
          const taken = await findBadge(tx, enrolment.tag)
          if (taken) await tellOwner(work, taken, session, workstation)
          return refuseAssignment('taken')
        }
        await record(tx, 'badge.assigned', {
          session,
          workstation: workstation.id,
          detail: {
            tag: shortTag(badge.tag),
            card: badge.card_id,
            kind,
            technology: badge.technology,
            endsAt: badge.ends_at,
            passkey: proof.passkeyId,
            by: 'session',
            replaces,
          },
        })
        if (replaces !== null)
          await detachCard(services, work, {
            session,
            cardId: replaces,
            workstation,
            because: 'replaced',
          })
        await leaveNotice(services, work, {
          personId,
          kind: 'badge-added',
          about: badge.card_id,
          place: workstation.name,
          by: session,
        })
        if (badge.ends_at !== null) work.due(badge.ends_at)
        return { outcome: 'assigned', badge: viewBadge(badge) }
      })
    },
  }
}
