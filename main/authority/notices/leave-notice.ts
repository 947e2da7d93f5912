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
  'seat-secured',
] satisfies Kind[])
/** An answer to one of those is not followed by the same again for so long, ms. */
const quiet = 5 * 60_000

export interface News {
  readonly personId: string
  readonly kind: Kind
  /** Card id, passkey id, or id of the session at the seat. */
  readonly about: string
  /** Name of the workstation. */
  readonly place: string
  /** When it was, where that is not now, ms. */
  readonly at?: number
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
  { personId, ...news }: News,
): Promise<void> {
  const { kind, about } = news
  if (byTapping.has(kind) && (await answeredLately(work, { personId, kind, about }))) return
  await leaveNotices(services, work, { people: new Set([personId]), ...news })
}

/** The same news to any number of people. */
export async function leaveNotices(
  services: Pick<Services, 'policy' | 'randomId'>,
  work: Pick<Unit, 'tx' | 'now' | 'publish'>,
  {
    people,
    kind,
    about,
    place,
    at = work.now,
    by,
  }: Omit<News, 'personId'> & { readonly people: Set<string> },
): Promise<void> {
  const { tx } = work
  const left: string[] = []
  for (const some of chunks([...people])) {
    const rows = await tx
      .insertInto('notices')
      .values(
        some.map((personId) => ({
          notice_id: services.randomId(),
          person_id: personId,
          kind,
          at,
          place,
          about,
          session_id: by?.session_id ?? null,
          verified_at: by?.verified_at ?? null,
          answered_at: null,
          answer: null,
        })),
      )
      // The index notices_once has one open notice of these kinds already.
      .onConflict((conflict) => conflict.doNothing())
      .returning('person_id')
      .execute()
    left.push(...rows.map(({ person_id }) => person_id))
  }
  await publishNotices(services, work, left)
}

/** Sends the live sessions of these people as they are now, notices included. */
export async function publishNotices(
  { policy }: Pick<Services, 'policy'>,
  { tx, now, publish }: Pick<Unit, 'tx' | 'now' | 'publish'>,
  people: readonly string[],
): Promise<void> {
  for (const some of chunks(people)) {
    const open = await tx
      .selectFrom('sessions')
      .selectAll()
      .where('person_id', 'in', some)
      .where('kind', '=', 'standard')
      .where('ended_at', 'is', null)
      .execute()
    for (const row of open.filter((one) => isLive(one, policy, now))) {
      const session = await viewSession(tx, row, policy, now)
      publish(row.workstation_id, { type: 'session.changed', session })
    }
  }
}

/** So many that one statement can take them with every column. */
function* chunks(people: readonly string[]): Iterable<readonly string[]> {
  for (let at = 0; at < people.length; at += 100) yield people.slice(at, at + 100)
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
    // What was taken back was not answered.
    .where('answer', 'is not', null)
    .executeTakeFirst()
  return found !== undefined
}
