import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import {
  type AuthorityClient,
  AuthorityError,
  bundleKeySchema,
  type Call,
  type CallError,
  type Request as CallRequest,
  type Response,
} from '../../../main/authority/protocol/index.ts'
import { openOfflineStation } from '../../../main/offline/station.ts'
import { memoryVault } from '../../../main/vault/memory-vault.ts'
import { defaultPolicy } from '../../support/authority.ts'
import { enrolAt, httpCalls } from '../../support/house-seat.ts'
import {
  type KillingGround,
  openKillingGround,
  type Request,
} from '../../support/killing-ground.ts'
import { addPeople, type ReadyPerson } from '../../support/many-people.ts'
import { recorded } from '../../support/schema-query.ts'
import type { Which } from '../../support/two-nodes.ts'
import { faultsOf } from '../../support/whole-log.ts'
import { newSchema } from './schema.ts'

/*
 * A node dies while workstations hand in what happened when they were alone. They begin again at
 * another node, and everything has been taken over once, in its order.
 */

const rounds = 8
const ofEach = 3
const reports = 8

const undo: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})
let ground: KillingGround
let staff: ReadyPerson[]
beforeAll(async () => {
  const { session, drop } = newSchema(inject('postgres'))
  undo.push(drop)
  ground = await openKillingGround({ session })
  undo.push(() => ground.dispose())
  staff = [...(await addPeople(ground.house.db, 'person', rounds * ofEach * 2))]
})
const somebody = () => {
  const person = staff.pop()
  if (!person) throw new Error('nobody is left')
  return person
}

type CallAuthority = AuthorityClient['call']

async function signIn(call: CallAuthority, person: ReadyPerson) {
  const { badge } = person
  const tapId = randomBytes(8).toString('hex')
  const told = await call('tap.identify', { tapId, badge, reader: 'test', purpose: 'sign-in' })
  if (told.outcome !== 'identified') throw new Error(told.outcome)
  const { ceremonyId, options } = told.ceremony
  const started = await call('session.start', { ceremonyId, response: person.answer(options) })
  if (started.outcome !== 'signed-in') throw new Error(started.reason)
  return started.session.sessionId
}
const signOut = (call: CallAuthority, sessionId: Awaited<ReturnType<typeof signIn>>) =>
  call('session.end', { sessionId, reason: 'sign-out' })

/** False for a node that has too much to do. */
function again(error: unknown): false {
  if (error instanceof AuthorityError && error.code === 'store-busy') return false
  throw error
}

let count = 0
/** A workstation that was alone for a while, with what it has to tell. */
async function cutOff(): Promise<Request> {
  const id = `ws-${(count += 1)}`
  const { machine, key } = await enrolAt(ground.house, id)
  const { workstation, bundleKey, rpId, origin } = machine.identity
  const ask = httpCalls(ground.house, machine.identity, await key())
  let at: Which = 0
  async function call<C extends Call>(name: C, params: CallRequest<C>): Promise<Response<C>> {
    const { status, body } = await ask(at, name, params).catch((cause: unknown) => {
      throw new AuthorityError('unreachable', 'no answer', { cause })
    })
    if (status === 200) return body as Response<C>
    throw new AuthorityError((body as { readonly error: CallError }).error.code, `status ${status}`)
  }
  const directory = await mkdtemp(join(tmpdir(), 'lanyard-alone-'))
  undo.push(() => rm(directory, { recursive: true, force: true }))
  const station = await openOfflineStation({
    directory,
    vault: memoryVault(),
    policy: defaultPolicy,
    bundleKeys: [bundleKeySchema.parse(bundleKey)],
    workstationId: workstation.id,
    rpId,
    origin,
  })
  const [leaves, stays] = [somebody(), somebody()]
  // A workstation knows whom it has seen.
  for (const person of [leaves, stays]) await signOut(call, await signIn(call, person))
  expect(await station.refresh(call, Date.now())).toBe('kept')

  const alone = await station.begin({ sessions: [], newest: Date.now(), ahead: 0 })
  if (!alone) throw new Error('it cannot be alone')
  const over = await signIn(alone.call, leaves)
  for (let n = 0; n < reports; n += 1)
    await alone.call('workstation.report', { event: 'reader-ready', detail: { n } })
  await signOut(alone.call, over)
  const open = await signIn(alone.call, stays)
  await alone.pause()
  async function handIn(node: Which) {
    at = node
    await station.send(call)
    await station.finish(call)
  }
  return {
    // Its entries, and its end.
    commits: 2,
    ask: handIn,
    // A node that has too much to do says so, and an agent comes again.
    async askAgain(node) {
      while (!(await handIn(node).then(() => true, again))) await pause(100)
    },
    async check() {
      await alone.dispose()
      await station.dispose()
      const { query } = ground
      const journals = await query('select * from offline_journals where workstation_id = $1', [id])
      expect(journals).toMatchObject([{ fault: null }])
      expect(journals[0]?.['settled_at']).not.toBeNull()
      const entries = await query(
        'select idx from offline_entries where journal_id = $1 order by idx',
        [journals[0]?.['journal_id']],
      )
      expect(entries.length).toBeGreaterThan(reports)
      expect(entries.map(({ idx }) => Number(idx))).toEqual(entries.map((_, n) => n))
      expect(await recorded(query, 'offline.reconciled', { workstation: id })).toMatchObject([
        { entries: entries.length, adopted: 1, conflicts: 0 },
      ])
      const told = await recorded(query, 'reader.changed', { workstation: id })
      expect(told.map(({ n }) => n)).toEqual(Array.from({ length: reports }, (_, n) => n))
      for (const [session, ends] of [
        [over, 1],
        [open, 0],
      ] as const) {
        expect(await recorded(query, 'session.started', { session })).toHaveLength(1)
        expect(await recorded(query, 'session.ended', { session })).toHaveLength(ends)
      }
      const live = 'select session_id from sessions where workstation_id = $1 and ended_at is null'
      expect(await query(live, [id])).toEqual([{ session_id: open }])
    },
  }
}

test(`a journal that is handed in to a node that dies is taken over once, ${rounds} times`, async () => {
  for (let n = 0; n < rounds; n += 1)
    await ground.round(await Promise.all(Array.from({ length: ofEach }, cutOff)))
  const { made, unheard } = ground.count
  process.stdout.write(`${unheard} of ${made} had no answer\n`)
  // Otherwise nobody was killed in the middle of anything.
  expect(unheard).toBeGreaterThan(rounds / 2)
  expect(await faultsOf(ground.house.db, ground.query)).toEqual([])
}, 300_000)
