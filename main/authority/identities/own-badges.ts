import { CallFailure, type Handlers } from '../context.ts'
import type { Proofs } from '../passkeys/proof.ts'
import type { Refusal } from '../protocol/index.ts'
import type { Services } from '../services.ts'
import { liveSessionHere, provenSessionHere } from '../sessions/session-rows.ts'
import { badgesOf, viewBadge } from './badge-rows.ts'
import { shortTag } from './badge-tag.ts'
import { detachCard } from './detach-card.ts'

type OwnBadgeCalls = Pick<Handlers, 'badges.list' | 'badge.lost' | 'badge.found' | 'badge.detach'>

export interface OwnBadgeOptions extends Services {
  readonly proofs: Proofs
}

const noSuchCard = () => new CallFailure('not-found', 'No such card of this person.')
const tagsOf = (rows: readonly { readonly tag: string }[]) =>
  rows.map(({ tag }) => shortTag(tag)).join(' ')

/** One's own cards. To lose or detach one asks for a session, to trust one again for a passkey. */
export function createOwnBadges(services: OwnBadgeOptions): OwnBadgeCalls {
  const { policy, record, unit, proofs } = services

  return {
    async 'badges.list'({ sessionId }, { workstation }) {
      return unit(async ({ tx, now }) => {
        const key = { sessionId, workstationId: workstation.id }
        const { person_id: personId } = await liveSessionHere(tx, key, policy, now)
        return { badges: (await badgesOf(tx, { personId, now })).map(viewBadge) }
      })
    },

    async 'badge.lost'({ sessionId, cardId }, { workstation }) {
      return unit(async ({ tx, now }) => {
        const key = { sessionId, workstationId: workstation.id }
        const session = await provenSessionHere(tx, key, policy, now)
        const rows = await badgesOf(tx, { personId: session.person_id, cardId, now })
        if (rows.length === 0) throw noSuchCard()
        // What is quarantined stays so: a card that is found again must not leave it by that.
        const active = rows.filter(({ status }) => status === 'active')
        if (active.length === 0) return {}
        const tags = active.map(({ tag }) => tag)
        await tx.updateTable('badges').set({ status: 'lost' }).where('tag', 'in', tags).execute()
        await record(tx, 'badge.lost', {
          session,
          workstation: workstation.id,
          detail: { card: cardId, tags: tagsOf(active) },
        })
        return {}
      })
    },

    async 'badge.found'({ sessionId, cardId, ceremonyId, response }, { workstation }) {
      const checked = await proofs.check(ceremonyId, response)
      return unit(async (work) => {
        const { tx, now } = work
        const key = { sessionId, workstationId: workstation.id }
        const session = await provenSessionHere(tx, key, policy, now)
        const proof = await proofs.settle(work, checked, {
          workstationId: workstation.id,
          purposes: ['badge'],
        })
        const recordRefusal = (reason: string, cause: string | null) =>
          record(tx, 'badge.found', {
            outcome: 4,
            session,
            workstation: workstation.id,
            detail: { card: cardId, reason, cause },
          })
        const refuse = async (reason: Refusal, cause: string | null) => {
          await recordRefusal(reason, cause)
          return { outcome: 'refused' as const, reason }
        }
        if (!proof.ok) return refuse(proof.reason, proof.cause)
        if (proof.personId !== session.person_id) return refuse('wrong-person', null)
        const rows = await badgesOf(tx, { personId: session.person_id, cardId, now })
        const lost = rows.filter(({ status }) => status === 'lost')
        if (lost.length === 0) {
          await recordRefusal('not-lost', null)
          return { outcome: 'not-lost' }
        }
        const tags = lost.map(({ tag }) => tag)
        await tx.updateTable('badges').set({ status: 'active' }).where('tag', 'in', tags).execute()
        await record(tx, 'badge.found', {
          session,
          workstation: workstation.id,
          detail: { card: cardId, tags: tagsOf(lost), passkey: proof.passkeyId },
        })
        return { outcome: 'found' }
      })
    },

    async 'badge.detach'({ sessionId, cardId }, { workstation }) {
      return unit(async (work) => {
        const key = { sessionId, workstationId: workstation.id }
        const session = await provenSessionHere(work.tx, key, policy, work.now)
        const because = 'asked'
        if (!(await detachCard(services, work, { session, cardId, workstation, because })))
          throw noSuchCard()
        return {}
      })
    },
  }
}
