import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { authorityFixture, otherWorkstation } from '../../../test/support/authority.ts'
import { quickDatabase } from '../../../test/support/quick-database.ts'
import type { Database } from '../../store/port.ts'
import { createCallGuard } from '../service/guard-calls.ts'
import type { Caller, Handlers } from '../context.ts'
import { createBound } from './bound.ts'
import { keepDeadlines } from './deadline.ts'
import { createTimers } from './timers.ts'

const answerWithin = 2_000
const meter = { finished: () => {}, shed: () => {} }
const guard = createCallGuard({ limit: 8, answerWithin, meter })

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** What the caller hears when time is up, once the call has come as far as `reached`. */
async function refusalOf(call: Promise<unknown>, reached: Promise<void>): Promise<string> {
  const told = call.then(
    () => 'answered',
    (error: unknown) => String(error),
  )
  await reached
  await vi.advanceTimersByTimeAsync(answerWithin)
  return told
}

/** A database and a call that writes one row, both of which can be held up. */
async function held() {
  const db = await quickDatabase()
  onTestFinished(() => db.close())
  const work = Promise.withResolvers<void>()
  const commit = Promise.withResolvers<void>()
  /** The call is at its last query, and in its commit. */
  const working = Promise.withResolvers<void>()
  const committing = Promise.withResolvers<void>()
  const slow: Database = {
    read: db.read,
    close: () => db.close(),
    write: (write, options) =>
      db.write(async (tx) => {
        const value = await write(tx)
        committing.resolve()
        await commit.promise
        return value
      }, options),
  }
  const kept = keepDeadlines(slow)
  let ended: Promise<unknown> = Promise.resolve()
  const write = () =>
    kept.write(async (tx) => {
      const row = { proof_hash: `${Math.random()}`, expires_at: 1 }
      await tx.insertInto('used_proofs').values(row).execute()
      working.resolve()
      await work.promise
    })
  const call = () => (ended = write())
  const rows = async () => {
    await Promise.allSettled([ended])
    return (await db.read.selectFrom('used_proofs').selectAll().execute()).length
  }
  return { call, rows, work, commit, working: working.promise, committing: committing.promise }
}

const guarded = (name: string, work: () => Promise<unknown>): Promise<unknown> => {
  const handlers = guard.handlers({ [name]: work } as unknown as Handlers)
  const { [name]: call } = handlers as unknown as Readonly<
    Record<string, (request: object, caller: Caller) => Promise<unknown>>
  >
  return call?.({}, otherWorkstation) as Promise<unknown>
}

test('a call whose caller was told no keeps nothing, however late it gets to its commit', async () => {
  const { call, rows, work, commit, working } = await held()
  commit.resolve()
  expect(await refusalOf(guarded('session.take', call), working)).toContain(
    'nothing of it took place',
  )
  work.resolve()
  expect(await rows()).toBe(0)
})

test('what is in the commit itself may be kept, and its caller is told so', async () => {
  const { call, rows, work, commit, committing } = await held()
  work.resolve()
  const refusal = await refusalOf(guarded('session.take', call), committing)
  expect(refusal).toContain('may have taken place')
  expect(refusal).not.toContain('nothing')
  commit.resolve()
  expect(await rows()).toBe(1)
})

test('of two writes the second is not begun once the caller was told, and the first is not denied', async () => {
  const { call, rows, work, commit } = await held()
  work.resolve()
  commit.resolve()
  const first = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  let second: Promise<unknown> = Promise.resolve()
  const both = async () => {
    await call()
    first.resolve()
    await gate.promise
    second = call()
    await second
  }
  expect(await refusalOf(guarded('session.take', both), first.promise)).toContain(
    'may have taken place',
  )
  gate.resolve()
  await vi.advanceTimersByTimeAsync(0)
  await expect(second).rejects.toThrow('nothing of it took place')
  expect(await rows()).toBe(1)
})

test.each([
  ['session.end', 1],
  ['session.shield', 1],
  ['session.secured', 1],
  ['session.cleared', 1],
  ['override.end', 1],
  ['override.start', 0],
  ['fallback.approve', 0],
  ['session.start', 0],
])('%s keeps %i rows after its caller was given up', async (name, kept) => {
  const { call, rows, work, commit, working } = await held()
  commit.resolve()
  const refusal = await refusalOf(guarded(name, call), working)
  expect(refusal).toContain(kept === 1 ? 'still takes place' : 'nothing of it took place')
  work.resolve()
  expect(await rows()).toBe(kept)
})

test('a session does not move to a workstation that was told no', async () => {
  const reached = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  let slow = false
  const f = await authorityFixture({
    guard: (db) => ({
      state: () => 'held',
      db: keepDeadlines({
        ...db,
        read: db.read,
        close: () => db.close(),
        write: async (work, options) => {
          if (slow) {
            reached.resolve()
            await gate.promise
          }
          return db.write(work, options)
        },
      }),
    }),
  })
  onTestFinished(() => f.dispose())
  const key = await f.enrol('maria')
  await f.signIn('maria', key)
  const places = async () => {
    const sessions = f.db.read.selectFrom('sessions').select('workstation_id')
    const rows = await sessions.where('ended_at', 'is', null).execute()
    return rows.map(({ workstation_id }) => workstation_id)
  }
  const { ceremony } = await f.tap('maria', { caller: otherWorkstation })
  const { ceremonyId } = ceremony
  const proof = { ceremonyId, response: key.assert(ceremony.options) } as never
  let ended: Promise<unknown> = Promise.resolve()
  slow = true
  const move = async () => {
    ended = f.authority.handlers['session.start'](proof, otherWorkstation)
    return ended
  }
  expect(await refusalOf(guarded('session.start', move), reached.promise)).toContain(
    'nothing of it took place',
  )
  gate.resolve()
  await Promise.allSettled([ended])
  expect(await places()).toEqual([f.here.workstation.id])
  slow = false
  await f.call('session.start', proof, otherWorkstation)
  expect(await places()).toEqual([otherWorkstation.workstation.id])
})

test('what is due is no part of the late call that said so', async () => {
  const { call, rows, work, commit } = await held()
  work.resolve()
  commit.resolve()
  let ticks = 0
  const ticked: Promise<unknown>[] = []
  const timers = createTimers({
    now: () => 0,
    tick: async () => {
      ticks += 1
      if (ticks > 1) ticked.push(call())
      await Promise.all(ticked)
      return null
    },
  })
  onTestFinished(() => timers.dispose())
  await vi.advanceTimersByTimeAsync(1)
  const told = Promise.withResolvers<void>()
  const bound = createBound({ limit: 1, answerWithin, onShed: () => told.resolve() })
  const late = bound.run(async () => {
    await told.promise
    timers.due(0)
    await vi.waitUntil(() => ticked.length > 0)
  })
  expect(await refusalOf(late, Promise.resolve())).toContain('nothing of it took place')
  await vi.advanceTimersByTimeAsync(10)
  await Promise.all(ticked)
  expect(await rows()).toBe(1)
})
