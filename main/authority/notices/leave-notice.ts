import type { NoticeTable } from '../../store/schema/authority.ts'
import type { Services } from '../services.ts'
import { isLive, type SessionRow, viewSession } from '../sessions/session-views.ts'
import type { Unit } from '../unit-of-work.ts'

type Kind = NoticeTable['kind']

/** What anybody can cause by tapping, as often as they like. */
const byTapping: ReadonlySet<Kind> = new Set([
  'badge-claimed',
  'lost-badge-used',
  'badge-travelled',
] satisfies Kind[])
/** An answer to one of those is not followed by the same again for so long, ms. */
const quiet = 5 * 60_000

export interface News {
  readonly personId: string
  readonly kind: Kind
  /** Card id or passkey id. */
  readonly about: string
  /** Name of the workstation. */
  readonly place: string
  /** Session of the person themselves in which it was done. */
  readonly by: Pick<SessionRow, 'session_id' | 'verified_at'> | null
}

/**
 * Tells a person (R16): the notice is kept until it is answered, and their live sessions hear of it
 * at once, wherever they are. What can be caused by tapping alone is told once until it is answered.
 */
export async function leaveNotice(
  services: Pick<Services, 'policy' | 'randomId'>,
  work: Pick<Unit, 'tx' | 'now' | 'publish'>,
  { personId, kind, about, place, by }: News,
): Promise<void> {
  const { tx, now } = work
  if (byTapping.has(kind) && (await answeredLately(work, { personId, kind, about }))) return
  const left = await tx
    .insertInto('notices')
    .values({
      notice_id: services.randomId(),
      person_id: personId,
      kind,
      at: now,
      place,
      about,
      session_id: by?.session_id ?? null,
      verified_at: by?.verified_at ?? null,
      answered_at: null,
      answer: null,
    })
    // The index notices_once has one open notice of these kinds already.
    .onConflict((conflict) => conflict.doNothing())
    .returning('notice_id')
    .executeTakeFirst()
  if (left) await publishNotices(services, work, personId)
}

/** Sends the person's live sessions as they are now, notices included. */
export async function publishNotices(
  { policy }: Pick<Services, 'policy'>,
  { tx, now, publish }: Pick<Unit, 'tx' | 'now' | 'publish'>,
  personId: string,
): Promise<void> {
  const open = await tx
    .selectFrom('sessions')
    .selectAll()
    .where('person_id', '=', personId)
    .where('kind', '=', 'standard')
    .where('ended_at', 'is', null)
    .execute()
  for (const row of open.filter((one) => isLive(one, policy, now))) {
    const session = await viewSession(tx, row, policy, now)
    publish(row.workstation_id, { type: 'session.changed', session })
  }
}

async function answeredLately(
  { tx, now }: Pick<Unit, 'tx' | 'now'>,
  { personId, kind, about }: Pick<News, 'personId' | 'kind' | 'about'>,
): Promise<boolean> {
  const found = await tx
    .selectFrom('notices')
    .select('notice_id')
    .where('person_id', '=', personId)
    .where('kind', '=', kind)
    .where('about', '=', about)
    .where('answered_at', '>', now - quiet)
    .executeTakeFirst()
  return found !== undefined
}
