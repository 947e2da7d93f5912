import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { createAdapter } from '../../main/authority/oauth/adapter.ts'
import { sessionKey } from '../../main/authority/oauth/session-key.ts'
import type { Moments } from './committed-moments.ts'
import type { LightAgent, Line } from './light-agent.ts'
import type { TestNode } from './nodes.ts'

export interface Token {
  readonly id: string
  readonly sessionId: string
}

/** What is to be true of some people once their seats are at rest. */
export interface Settled {
  readonly people: readonly string[]
  /** Who tapped last, and where they were told that they are signed in. */
  readonly last: { readonly personId: string; readonly at: LightAgent<Line> }
  readonly seats: readonly LightAgent<Line>[]
  /** Of `seats`. */
  readonly awake: readonly LightAgent<Line>[]
  readonly tokens: readonly Token[]
}

interface Handover {
  readonly from_session_id: string
  readonly to_session_id: string
  readonly from_workstation_id: string
  readonly secured_at: string | null
  readonly unsecured_at: string | null
}

/** The provider's store as a node has it. */
export const accessTokens = ({ db, live }: TestNode) =>
  createAdapter({
    db,
    now: () => Date.now(),
    live,
    audit: { append: () => Promise.resolve() },
  })('AccessToken')

/** An access token of a session, as the provider stores it; null when the session had ended. */
export async function mintToken(node: TestNode, sessionId: string): Promise<Token | null> {
  const id = randomBytes(16).toString('hex')
  const grantId = sessionKey(sessionId, id)
  const minted = accessTokens(node).upsert(id, { grantId, clientId: 'ehr' }, 3_600)
  return minted.then(
    () => ({ id, sessionId }),
    () => null,
  )
}

/** Of a node that has just lost its connections, asked again. */
async function findToken(node: TestNode, id: string): Promise<unknown> {
  for (let attempt = 0; attempt < 20; attempt++)
    try {
      return await accessTokens(node).find(id)
    } catch {
      await pause(50)
    }
  throw new Error(`${node.name} does not say whether it takes a token`)
}

/** Changes nothing that was written after its end. */
const afterEnd = new Set(['session.started', 'session.resumed', 'session.reverified'])

const sessionsOf = '(select session_id from moments where person_id = any($1))'

/** Everything that R3 promises and is not so, in words; the moves that there were. */
export async function untruths(
  { moments, nodes }: { readonly moments: Moments; readonly nodes: readonly TestNode[] },
  { people, last, seats, awake, tokens }: Settled,
): Promise<{ readonly wrong: readonly string[]; readonly handovers: readonly Handover[] }> {
  const wrong: string[] = []
  const must = (holds: boolean, otherwise: string) => {
    if (!holds) wrong.push(otherwise)
  }
  const [sessions, moved, ...most] = await Promise.all([
    moments.query(`select * from sessions where session_id in ${sessionsOf}`, [people]),
    moments.query(`select * from handovers where from_session_id in ${sessionsOf}`, [people]),
    ...people.map((personId) => moments.mostAtOnce(personId)),
  ])
  const handovers = moved as unknown as readonly Handover[]
  // What a seat is told late may be of the people who were there before.
  const ids = [
    ...sessions.map((row) => String(row['session_id'])),
    ...seats.flatMap(({ acknowledged }) => acknowledged.map(({ sessionId }) => sessionId)),
  ]
  // Without a look at those before: after a thousand rounds all take longer to read than a round.
  const first = Math.min(...sessions.map((row) => Number(row['started_at'])))
  const rows = await moments.query(
    `select body::json->>'event' as event, body::json->>'session' as session from "auditRecord"
      where time > $2::bigint and body::json->>'session' = any($1) order by xid, id`,
    [ids, Number.isFinite(first) ? first - 120_000 : 0],
  )
  const events = Map.groupBy(rows, (row) => row['session'])
  const of = (sessionId: string) => (events.get(sessionId) ?? []).map((row) => String(row['event']))

  for (const n of most) must(n <= 1, `${n} sessions of a person live at one moment`)
  const live = sessions.filter((row) => row['ended_at'] === null)
  const alive = new Set(live.map((row) => row['session_id']))
  const theirs = live.filter((row) => row['person_id'] === last.personId)
  must(theirs.length === 1, `${theirs.length} live sessions after the last tap`)
  must(
    theirs[0]?.['workstation_id'] === last.at.id,
    'the live session is not where they tapped last',
  )
  must(theirs[0]?.['session_id'] === last.at.open?.sessionId, 'the last seat shows something else')
  const active = awake.filter(({ open }) => open?.personId === last.personId)
  must(active.length === 1 && active[0] === last.at, `${active.length} seats are active`)
  for (const { id, open } of awake)
    must(!open || alive.has(open.sessionId), `${id} shows a session that is over`)

  const found = await Promise.all(
    tokens.flatMap(({ id, sessionId }) =>
      nodes.map(async (node) => ({ sessionId, node, token: await findToken(node, id) })),
    ),
  )
  for (const { sessionId, node, token } of found)
    must(
      (token !== undefined) === alive.has(sessionId),
      `${node.name} takes a token for ${token ? 'alive' : 'dead'} and its session is not`,
    )

  for (const { what, sessionId } of seats.flatMap(({ acknowledged }) => acknowledged))
    if (what === 'signed-in')
      must(of(sessionId).includes('session.started'), 'told to be signed in, and no record of it')
    else must(of(sessionId).includes('session.ended'), 'told to be signed out, and no record of it')
  for (const row of sessions) {
    const told = of(String(row['session_id']))
    const count = (event: string) => told.filter((one) => one === event).length
    must(count('session.started') === 1, `recorded ${count('session.started')} times as begun`)
    const ends = row['ended_at'] === null ? 0 : 1
    must(count('session.ended') === ends, `recorded ${count('session.ended')} times as ended`)
    const over = told.indexOf('session.ended')
    const revived = over >= 0 && told.slice(over + 1).find((event) => afterEnd.has(event))
    must(!revived, `${revived} after its end`)
    const moves = handovers.filter(({ from_session_id }) => from_session_id === row['session_id'])
    must(moves.length === (row['end_reason'] === 'moved' ? 1 : 0), 'a move without a handover')
  }
  for (const { from_session_id, to_session_id, ...row } of handovers) {
    must(of(to_session_id).includes('session.moved'), 'a move without a record')
    const answered = of(from_session_id)
    const secured = row.secured_at !== null
    const marked = row.unsecured_at !== null
    must(secured || marked, 'a seat that was left is neither secured nor marked')
    must(!secured || answered.includes('session.secured'), 'secured without a record')
    must(!marked || answered.includes('seat.unsecured'), 'marked without a record')
    const seat = awake.find(({ id }) => id === row.from_workstation_id)
    must(seat?.secured.has(from_session_id) !== true || secured, 'a heard cover does not count')
    const shown = seat?.shown.has(from_session_id) === true
    must(!shown || seat.isOver(from_session_id), 'a seat that was left shows what moved away')
  }
  return { wrong, handovers }
}
