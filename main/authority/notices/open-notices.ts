import type { Kysely } from 'kysely'
import type { NoticeTable, SessionTable } from '../../store/schema/authority.ts'
import { prepare } from '../../store/prepared.ts'
import type { Schema } from '../../store/schema/index.ts'
import type { NoticeView } from '../protocol/index.ts'

/** As many as one screen can bear; the rest follows as they are answered. */
const most = 5

/**
 * What a session may be told: unanswered, the newest first. A witnessed session proved nothing about
 * its person and is told nothing; nor is the session in which the thing was done, until its person
 * has verified anew: whoever finds a session open must not be able to wave the notice away.
 */
export function openNotices(
  db: Kysely<Schema>,
  session: Readonly<Pick<SessionTable, 'session_id' | 'person_id' | 'kind' | 'verified_at'>>,
) {
  return db
    .selectFrom('notices')
    .selectAll()
    .where('person_id', '=', session.kind === 'standard' ? session.person_id : '')
    .where('answered_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('session_id', 'is', null),
        eb('session_id', '!=', session.session_id),
        eb('verified_at', '<', session.verified_at),
      ]),
    )
    .orderBy('at', 'desc')
    .orderBy('notice_id')
}

/** The notices in a session's view. */
export async function viewNotices(
  db: Kysely<Schema>,
  session: Parameters<typeof openNotices>[1],
): Promise<NoticeView[]> {
  if (session.kind !== 'standard') return []
  const rows = await openNotices(db, session).limit(most).execute()
  return rows.map(viewNotice)
}

/** All that a session may be told which begins now. */
export async function unansweredOf(db: Kysely<Schema>, personId: string): Promise<NoticeView[]> {
  return (await unanswered.all(db, { personId })).map(viewNotice)
}

const unanswered = prepare<{ personId: string }>()((db, place) =>
  db
    .selectFrom('notices')
    .selectAll()
    .where('person_id', '=', place('personId'))
    .where('answered_at', 'is', null)
    .orderBy('at', 'desc')
    .orderBy('notice_id')
    .limit(most),
)

const viewNotice = ({ notice_id, kind, at, place }: Readonly<NoticeTable>): NoticeView => ({
  noticeId: notice_id,
  kind,
  at,
  where: place,
})
