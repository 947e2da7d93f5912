import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuditInput, auditInputSchema } from '../../main/audit/events.ts'
import { type Authority, createAuthority } from '../../main/authority/authority.ts'
import { createClock } from '../../main/authority/clock.ts'
import type { Caller } from '../../main/authority/context.ts'
import type { Call, Request, Response, Seed } from '../../main/authority/protocol/index.ts'
import { dispatch } from '../../main/authority/server/dispatch.ts'
import { type Policy, settings } from '../../main/policy/settings.ts'
import { openDatabase, type ReserveState } from '../../main/store/index.ts'
import type { Database } from '../../main/store/port.ts'
import { quickDatabase } from './quick-database.ts'
import { createPasskey, type SoftwarePasskey } from './passkey.ts'

export const rpId = 'lanyard.example'

/** Every setting at its default. */
export const defaultPolicy = Object.fromEntries(
  Object.entries(settings).map(([name, setting]) => [name, setting.default]),
) as unknown as Policy

type SeedPerson = Seed['people'][number]

/** Invented staff; the badge of `maria` is the raw number `badge-maria`, her code `CODE-MARIA`. */
export function staff(id: string, change: Partial<SeedPerson> = {}): SeedPerson {
  return {
    personId: id as SeedPerson['personId'],
    given: `${id.charAt(0).toUpperCase()}${id.slice(1)}`,
    family: 'Example',
    role: 'nurse',
    badges: [`badge-${id}`],
    applications: ['ehr'],
    patient: 'P-1',
    enrolmentCode: `CODE-${id.toUpperCase()}`,
    roster: null,
    ...change,
  }
}

export interface AuthorityFixture {
  readonly authority: Authority
  readonly db: Database
  readonly policy: Policy
  readonly records: AuditInput[]
  /** Session ids whose tokens were destroyed. */
  readonly revoked: string[]
  readonly here: Caller
  now(): number
  advance(ms: number): void
  /** Sets the machine's wall clock on or back, as an operator with too many rights could. */
  jumpWall(ms: number): void
  eventsOf(name: AuditInput['event']): AuditInput[]
  /** From now on the log rejects every record with this error; null: it works again. */
  breakLog(error: Error | null): void
  /** A call as the server carries it out; throws `<code>` when it fails as a whole. */
  call<C extends Call>(call: C, params: Request<C>, caller?: Caller): Promise<Response<C>>
  /** Taps and answers; the tap id is new every time. */
  tap(
    person: string,
    options?: { purpose?: 'sign-in' | 'witness'; caller?: Caller },
  ): Promise<Identified>
  enrol(person: string, options?: { synced?: boolean }): Promise<SoftwarePasskey>
  /** Badge and passkey: the session. */
  signIn(person: string, key: SoftwarePasskey, caller?: Caller): Promise<SessionOf>
  /** Two taps of a new badge in one's session. */
  tapTwice(session: SessionOf, badge: string, caller?: Caller): Promise<string>
  /** A challenge of purpose `badge`, answered by `key`. */
  proveForBadge(session: SessionOf, key: SoftwarePasskey, caller?: Caller): Promise<BadgeProof>
  /** Two taps and a passkey: what came of it. */
  addBadge(
    session: SessionOf,
    key: SoftwarePasskey,
    badge: string,
    options?: Partial<AddedBadge> & { caller?: Caller },
  ): Promise<Response<'badge.assign'>>
  /** A new authority on the same database, as after a restart of the process. */
  restart(): Promise<void>
  dispose(): Promise<void>
}
export type Identified = Extract<Response<'tap.identify'>, { outcome: 'identified' }> & {
  tapId: string
}
type AddedBadge = Pick<Request<'badge.assign'>, 'name' | 'kind' | 'replaces' | 'sameCard'>
type BadgeProof = Pick<Request<'badge.assign'>, 'ceremonyId' | 'response'>
type SessionOf = Extract<Response<'session.start'>, { outcome: 'signed-in' }>['session']

export interface FixtureOptions {
  readonly people?: readonly SeedPerson[]
  readonly policy?: Partial<Policy>
  readonly startAt?: number
  /** `file`: SQLite with its thread and its flushes; `memory` is quicker, or PostgreSQL where the tests run on it. */
  readonly store?: 'memory' | 'file'
  /** Seed of the key that signs bundles; without it workstations get none. */
  readonly bundleKey?: Uint8Array
  /** Put in front of the database, and what the authority is told of its reserve. */
  readonly guard?: (db: Database) => { readonly db: Database; readonly state: () => ReserveState }
}

const place = (id: string, name: string) => ({ workstation: { id, name } }) as unknown as Caller
export const otherWorkstation = place('ws-2', 'Ward 4')

/** The whole authority, except for HTTP and OpenID, with time in the hand. */
export async function authorityFixture({
  people = [staff('maria'), staff('tom', { role: 'physician' })],
  policy: changes = {},
  startAt = Date.UTC(2026, 0, 5, 7),
  store = 'memory',
  bundleKey,
  guard = (whole) => ({ db: whole, state: () => 'held' }),
}: FixtureOptions = {}): Promise<AuthorityFixture> {
  const directory = store === 'file' ? await mkdtemp(join(tmpdir(), 'lanyard-authority-')) : null
  const { db, state } = guard(
    directory
      ? await openDatabase({ path: join(directory, 'authority.db') })
      : await quickDatabase(),
  )
  const policy = { ...defaultPolicy, ...changes }
  const records: AuditInput[] = []
  const revoked: string[] = []
  const here = place('ws-1', 'Ward 3')
  let elapsed = 0
  let jumped = 0
  let broken: Error | null = null
  const clock = createClock({
    wall: () => startAt + elapsed + jumped,
    monotonic: () => elapsed,
    newestRecord: 0,
  })
  const { now } = clock

  const create = () =>
    createAuthority({
      db,
      audit: {
        append: async (_tx, input) => {
          if (broken) throw broken
          records.push(auditInputSchema.parse(input))
        },
        checkpoint: () => Promise.resolve({ size: 0, note: '' }),
        export: async function* () {},
        dispose: () => Promise.resolve(),
      },
      policy,
      now,
      randomId: () => randomBytes(16).toString('base64url'),
      rpId,
      origin: `https://agent.${rpId}`,
      issuer: 'http://127.0.0.1:1',
      badgeKey: { version: 1, key: new Uint8Array(32).fill(7) },
      createOauth: () =>
        Promise.resolve({
          handlers: {
            'launch.create': () => Promise.reject(new Error('no launches in this fixture')),
          },
          requestListener: () => false,
          sessionEnded: async (_tx, sessionId) => void revoked.push(sessionId),
          dispose: () => {},
        }),
      applications: [],
      idTokenKey: new Uint8Array(),
      cookieKey: new Uint8Array(),
      seed: { people: [...people] },
      embeddedIn: here.workstation.id,
      clockJump: clock.jump,
      reserveState: state,
      bundleKey: bundleKey ?? null,
    })
  let authority = await create()

  const fixture: AuthorityFixture = {
    get authority() {
      return authority
    },
    db,
    policy,
    records,
    revoked,
    here,
    now,
    advance(ms) {
      elapsed += ms
    },
    jumpWall(ms) {
      jumped += ms
    },
    eventsOf(name) {
      return records.filter(({ event }) => event === name)
    },
    breakLog(error) {
      broken = error
    },
    async call(call, params, caller = here) {
      const answer = await dispatch(authority.handlers, call, params, caller)
      if (!answer.ok) throw new Error(answer.error.code)
      return answer.value as Response<typeof call>
    },
    async tap(person, { purpose = 'sign-in', caller = here } = {}) {
      const tapId = randomBytes(8).toString('hex')
      const answer = await fixture.call(
        'tap.identify',
        { tapId, badge: `badge-${person}`, reader: 'test', purpose },
        caller,
      )
      if (answer.outcome !== 'identified') throw new Error(`the badge of ${person} was refused`)
      return { ...answer, tapId }
    },
    async enrol(person, { synced = false } = {}) {
      const code = `CODE-${person.toUpperCase()}`
      const begun = await fixture.call('enrolment.begin', { code, sessionId: null })
      if (begun.outcome !== 'begun') throw new Error(begun.reason)
      const key = createPasskey({ rpId, synced })
      const finished = await fixture.call('enrolment.finish', {
        enrolmentId: begun.enrolmentId,
        response: key.register(begun.options),
        name: 'Key',
      })
      if (finished.outcome !== 'enrolled') throw new Error(finished.reason)
      return key
    },
    async signIn(person, key, caller = here) {
      const { ceremony } = await fixture.tap(person, { caller })
      const answer = await fixture.call(
        'session.start',
        { ceremonyId: ceremony.ceremonyId, response: key.assert(ceremony.options) },
        caller,
      )
      if (answer.outcome !== 'signed-in') throw new Error(answer.reason)
      return answer.session
    },
    async tapTwice({ sessionId }, badge, caller = here) {
      const tapId = () => randomBytes(8).toString('hex')
      const params = { sessionId, tapId: tapId(), badge, refusedAtEnrolment: null }
      const begun = await fixture.call('badge.begin', params, caller)
      if (begun.outcome !== 'tap-again') throw new Error(begun.reason)
      const { enrolmentId } = begun
      const second = { enrolmentId, tapId: tapId(), badge }
      const confirmed = await fixture.call('badge.confirm', second, caller)
      if (confirmed.outcome !== 'agreed') throw new Error(confirmed.reason)
      return enrolmentId
    },
    async proveForBadge({ person: { personId } }, key, caller = here) {
      const params = { purpose: 'badge', personId } as const
      const { ceremonyId, options } = await fixture.call('passkey.challenge', params, caller)
      return { ceremonyId, response: key.assert(options) }
    },
    async addBadge(session, key, badge, { caller = here, ...change } = {}) {
      const enrolmentId = await fixture.tapTwice(session, badge, caller)
      const proof = await fixture.proveForBadge(session, key, caller)
      const card = { name: 'My badge', kind: 'permanent', replaces: null, sameCard: null } as const
      return fixture.call('badge.assign', { enrolmentId, ...card, ...change, ...proof }, caller)
    },
    async restart() {
      authority = await create()
    },
    async dispose() {
      await db.close()
      if (directory) await rm(directory, { recursive: true })
    },
  }
  return fixture
}
