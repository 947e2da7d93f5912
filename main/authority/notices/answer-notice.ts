import { CallFailure, type Handlers } from '../context.ts'
import { detachCard } from '../identities/detach-card.ts'
import { revokePasskey } from '../passkeys/revoke-passkey.ts'
import type { Services } from '../services.ts'
import { provenSessionHere } from '../sessions/session-rows.ts'
import type { Unit } from '../unit-of-work.ts'
import { publishNotices } from './leave-notice.ts'
import { openNotices } from './open-notices.ts'

/** The one click of R16: what was seen is put away, what is disputed is undone where it can be. */
export function createNotices(services: Services): Pick<Handlers, 'notice.answer'> {
  const { policy, record, unit } = services

  return {
    async 'notice.answer'({ sessionId, noticeId, answer }, { workstation }) {
      return unit(async (work) => {
        const { tx, now } = work
        const key = { sessionId, workstationId: workstation.id }
        const session = await provenSessionHere(tx, key, policy, now)
        // Whatever this session is not told, it cannot answer.
        const shown = await openNotices(tx, session)
          .where('notice_id', '=', noticeId)
          .executeTakeFirst()
        const answered =
          shown &&
          (await tx
            .updateTable('notices')
            .set({ answered_at: now, answer })
            .where('notice_id', '=', noticeId)
            .where('answered_at', 'is', null)
            .returning(['kind', 'about'])
            .executeTakeFirst())
        if (!answered) throw new CallFailure('not-found', 'No such notice waits for an answer.')

        const { kind, about } = answered
        const disputed = answer === 'disputed'
        const undo = { session, workstation, because: 'disputed' } as const
        let undone = false
        if (disputed && kind === 'badge-added')
          undone = await detachCard(services, work, { ...undo, cardId: about })
        if (disputed && kind === 'passkey-added')
          undone = await revokePasskey(services, work, { ...undo, passkeyId: about })
        // That session is over; its review is not.
        if (disputed && kind === 'vouched-for') await escalate(work, about)
        await record(tx, 'notice.answered', {
          outcome: disputed ? 8 : 0,
          session,
          workstation: workstation.id,
          detail: { notice: noticeId, kind, about, answer, undone },
        })
        await publishNotices(services, work, [session.person_id])
        return {}
      })
    },
  }
}

/** Whoever reviews emergency access sees this one as late from now on. */
const escalate = ({ tx, now }: Pick<Unit, 'tx' | 'now'>, caseId: string) =>
  tx
    .updateTable('review_cases')
    .set({ escalates_at: now })
    .where('case_id', '=', caseId)
    .where('verdict', 'is', null)
    .execute()
