import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { fakeTime, type FakedTime } from '../../support/faked-time.ts'
import type { ReadyPerson } from '../../support/many-people.ts'
import { startPostgres, type PostgresCluster } from '../../support/postgres.ts'
import { openServiceHouse, type ServiceHouse } from '../../support/service-house.ts'
import { lanyard, type ServiceProcess, startServiceProcess } from '../../support/service-process.ts'

/*
 * Somebody sets the clock of a node, or of the database, while people are signed in: on and back by
 * days, back in steps of a second, or still. No session outlives its end, no challenge its own.
 */

const hours = 3_600
/** Until a session must be over, and until a challenge is, ms. */
const [sessionLife, challengeLife] = [6_000, 10_000]
const patience = { timeout: 60_000, interval: 250 }

const tricks = {
  'on by 64 hours': (time: FakedTime) => time.shift(64 * hours),
  'back by 64 hours': (time: FakedTime) => time.shift(-64 * hours),
  async 'back by a second, again and again'(time: FakedTime) {
    for (let n = 1; n <= 10; n += 1) {
      await time.shift(-n)
      await pause(300)
    }
  },
  'to stand still': (time: FakedTime) => time.freeze(),
} as const
type Trick = keyof typeof tricks

beforeAll(() => {
  if (!existsSync(join(import.meta.dirname, '../../../out/main/lanyard.js')))
    throw new Error('Build first: npm run build')
})
const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

interface Ward {
  readonly time: FakedTime
  readonly cluster: PostgresCluster
  readonly house: ServiceHouse
  readonly service: ServiceProcess
  readonly call: Awaited<ReturnType<ServiceHouse['enrol']>>
  readonly query: (text: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>
  start(): Promise<ServiceProcess>
}

async function open(whose: 'node' | 'database'): Promise<Ward> {
  const time = await fakeTime()
  undo.push(() => time.dispose())
  const faked = Object.entries(time.environment).map(([name, value]) => `${name}=${value}`)
  const cluster = await startPostgres(whose === 'database' ? { wrapper: ['env', ...faked] } : {})
  undo.push(() => cluster.dispose())
  const { connectionString } = cluster
  const policy = { 'passkey.timeout': challengeLife }
  const house = await openServiceHouse({ connectionString, policy })
  undo.push(() => house.dispose())
  async function start() {
    const service = startServiceProcess(house.config, whose === 'node' ? time.environment : {})
    undo.push(async () => {
      service.signal('SIGKILL')
      await service.exited
    })
    await service.ready
    return service
  }
  const service = await start()
  const call = await house.enrol()
  return {
    time,
    cluster,
    house,
    service,
    call,
    query: (text, values) => cluster.admin(text, values),
    start,
  }
}

interface Ceremony {
  readonly ceremonyId: string
  readonly options: { readonly challenge: string }
}

async function tap({ call }: Ward, { badge }: ReadyPerson): Promise<Ceremony> {
  const tapId = randomBytes(8).toString('hex')
  const params = { tapId, badge, reader: 'test', purpose: 'sign-in' }
  const { body } = await call('tap.identify', params)
  expect(body).toMatchObject({ outcome: 'identified' })
  return (body as { ceremony: Ceremony }).ceremony
}

async function prove(
  { call }: Ward,
  person: ReadyPerson,
  { ceremonyId, options }: Ceremony,
): Promise<{ readonly outcome: string; readonly session: { readonly sessionId: string } }> {
  const { body } = await call('session.start', { ceremonyId, response: person.answer(options) })
  return body as Awaited<ReturnType<typeof prove>>
}

async function signIn(ward: Ward, person: ReadyPerson): Promise<string> {
  const answer = await prove(ward, person, await tap(ward, person))
  expect(answer).toMatchObject({ outcome: 'signed-in' })
  const { sessionId } = answer.session
  // No policy allows one that is as short.
  await ward.query(`update lanyard.sessions set ends_at = started_at + $2 where session_id = $1`, [
    sessionId,
    sessionLife,
  ])
  return sessionId
}

/** Whether it is; nothing else may be wrong, such as that the workstation is not believed. */
async function alive({ call }: Ward, sessionId: string): Promise<boolean> {
  const { status, body } = await call('session.activity', { sessionId })
  if (status === 200) return true
  expect(body).toMatchObject({ error: { code: 'session-ended' } })
  return false
}

/** How far the process's own clock is from the true time, s. */
const offBy = (at: unknown) => (Date.parse(String(at)) - Date.now()) / 1_000

const off: Readonly<Record<Trick, readonly [number, number]>> = {
  'on by 64 hours': [63.9 * hours, 64.1 * hours],
  'back by 64 hours': [-64.1 * hours, -63.9 * hours],
  'back by a second, again and again': [-30, -9],
  'to stand still': [-60, -9],
}
const expectOff = (seconds: number, trick: Trick) => {
  expect(seconds).toBeGreaterThan(off[trick][0])
  expect(seconds).toBeLessThan(off[trick][1])
}

test.each(Object.keys(tricks) as Trick[])(
  'the clock of a node is set %s: nothing is longer or shorter, and nobody notices',
  async (trick) => {
    const ward = await open('node')
    const [first, second, third] = ward.house.people as [ReadyPerson, ReadyPerson, ReadyPerson]
    const sessionId = await signIn(ward, first)
    const pending = await tap(ward, second)
    await tricks[trick](ward.time)
    const long = await signIn(ward, third)
    await ward.query(
      'update lanyard.sessions set ends_at = ends_at + 3600000 where session_id = $1',
      [long],
    )
    await pause(challengeLife + 2_000)
    const lines = ward.service.log.length
    ward.service.signal('SIGHUP')
    expectOff(offBy((await ward.service.logged('reloaded', lines))['at']), trick)
    expect(await alive(ward, sessionId)).toBe(false)
    expect(await prove(ward, second, pending)).toMatchObject({ outcome: 'refused' })
    expect(await alive(ward, long)).toBe(true)
    expect(await prove(ward, second, await tap(ward, second))).toMatchObject({
      outcome: 'signed-in',
    })
    ward.service.signal('SIGTERM')
    expect(await ward.service.exited).toBe(0)
    const verified = await lanyard('authority', 'verify', '--config', ward.house.config)
    expect(verified).toMatchObject({ code: 0 })
  },
)

/** What the authority recorded of it, s: the sum, and that there is anything. */
async function recordedJump({ query }: Ward): Promise<number> {
  const jumps = `select (body::json->'detail'->>'by')::float8 / 1000 as by from lanyard."auditRecord"
    where body::json->>'event' = 'clock.jumped' and body::json->'detail'->>'source' = 'authority'`
  await expect.poll(async () => (await query(jumps)).length, patience).toBeGreaterThan(0)
  return (await query(jumps)).reduce((sum, row) => sum + Number(row['by']), 0)
}

async function expectOrdered({ house, query }: Ward): Promise<void> {
  const rows = await query(
    `select time from lanyard."auditLeaf" l join lanyard."auditRecord" r on r.id = l.record
      order by l.seq`,
  )
  const times = rows.map(({ time }) => Number(time))
  // Within what two writers at once may differ.
  for (const [at, time] of times.entries())
    expect(time).toBeGreaterThanOrEqual((times[at - 1] ?? 0) - 5_000)
  const verified = await lanyard('authority', 'verify', '--config', house.config)
  expect(verified).toMatchObject({ code: 0 })
}

async function set(trick: Trick): Promise<{ ward: Ward; sessionId: string; pending: Ceremony }> {
  const ward = await open('database')
  const [first, second] = ward.house.people as [ReadyPerson, ReadyPerson]
  const sessionId = await signIn(ward, first)
  const pending = await tap(ward, second)
  await tricks[trick](ward.time)
  await pause(challengeLife + 2_000)
  const [clock] = await ward.query(`select to_json(clock_timestamp()) as now`)
  expectOff(offBy(clock?.['now']), trick)
  return { ward, sessionId, pending }
}

test.each([
  ['back by 64 hours', -63.9 * hours],
  ['back by a second, again and again', -5],
  ['to stand still', -5],
] as const)(
  'the clock of the database is set %s: no session and no challenge lives longer, and it is on record',
  async (trick, jump) => {
    const { ward, sessionId, pending } = await set(trick)
    const [, second, third] = ward.house.people as [ReadyPerson, ReadyPerson, ReadyPerson]
    expect(await alive(ward, sessionId)).toBe(false)
    expect(await prove(ward, second, pending)).toMatchObject({ outcome: 'refused' })
    expect(await recordedJump(ward)).toBeLessThan(jump)
    // Those that are new live as long as others, also over a node that starts on this clock.
    const other = await signIn(ward, third)
    expect(await alive(ward, other)).toBe(true)
    ward.service.signal('SIGTERM')
    expect(await ward.service.exited).toBe(0)
    const again = await ward.start()
    await pause(sessionLife)
    expect(await alive(ward, other)).toBe(false)
    expect(await prove(ward, second, pending)).toMatchObject({ outcome: 'refused' })
    again.signal('SIGTERM')
    expect(await again.exited).toBe(0)
    await expectOrdered(ward)
  },
)

test('the clock of the database is set on by 64 hours: every session is over, and it is on record', async () => {
  const { ward, sessionId } = await set('on by 64 hours')
  expect(await recordedJump(ward)).toBeGreaterThan(63.9 * hours)
  // Its workstation is no longer believed, either, until one of the clocks is put right.
  const ended = `select end_reason from lanyard.sessions
    where session_id = $1 and ended_at is not null`
  await expect.poll(() => ward.query(ended, [sessionId]), patience).toHaveLength(1)
  await ward.time.shift(0)
  await expectOrdered(ward)
})
