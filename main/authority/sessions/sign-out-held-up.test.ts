import { expect, onTestFinished, test } from 'vitest'
import { authorityFixture, otherWorkstation } from '../../../test/support/authority.ts'
import type { Database } from '../../store/port.ts'

const hello = { protocol: 1, afterSeq: 0 } as const

/** Maria signed out, and somebody holds the row, so that no record of it can be written. */
async function heldUp() {
  const gate = Promise.withResolvers<void>()
  let holdsNext = false
  const held = (db: Database): Database => ({
    read: db.read,
    close: () => db.close(),
    async write(work, options) {
      const isHeld = holdsNext
      holdsNext = false
      if (isHeld) await gate.promise
      return db.write(work, options)
    },
  })
  const f = await authorityFixture({ guard: (db) => ({ db: held(db), state: () => 'held' }) })
  onTestFinished(() => f.dispose())
  onTestFinished(() => gate.resolve())
  const [maria, tom] = [await f.enrol('maria'), await f.enrol('tom')]
  const { sessionId } = await f.signIn('maria', maria)
  const toms = await f.signIn('tom', tom, otherWorkstation)
  f.advance(1_000)
  f.breakLog(new Error('no record'))
  const end = f.call('session.end', { sessionId, reason: 'sign-out' })
  await expect(end).rejects.toThrow('log-unavailable')
  f.breakLog(null)
  // The next thing to be written is what is tried again.
  holdsNext = true
  await f.call('agent.hello', hello)
  expect(holdsNext).toBe(false)
  return { f, maria, sessionId, toms, release: () => gate.resolve() }
}

const endOf = (f: Awaited<ReturnType<typeof heldUp>>['f'], sessionId: string) =>
  f.db.read
    .selectFrom('sessions')
    .select('end_reason')
    .where('session_id', '=', sessionId)
    .executeTakeFirst()

test('a sign-out that cannot be recorded keeps nobody waiting, and what runs out still ends', async () => {
  const { f, toms } = await heldUp()
  f.advance(f.policy['session.inactivity'])
  await f.authority.tick()
  expect(await endOf(f, toms.sessionId)).toEqual({ end_reason: 'inactivity' })
  await f.tap('tom', { caller: otherWorkstation })
})

test('nothing is shown of a session that is over, and a tap does not take it along', async () => {
  const { f, sessionId } = await heldUp()
  expect((await f.tap('maria')).session).toBeNull()
  expect((await f.call('agent.hello', hello)).sessions).toEqual([])
  const { tapId } = await f.tap('maria', { caller: otherWorkstation })
  await expect(f.call('session.take', { tapId }, otherWorkstation)).resolves.toMatchObject({
    outcome: 'refused',
    reason: 'not-verified',
  })
  expect(await endOf(f, sessionId)).toEqual({ end_reason: null })
})

test.each(['here', 'elsewhere'])(
  'who signs in %s again begins anew, and the session that is over has its end on record',
  async (where) => {
    const { f, maria, sessionId, release } = await heldUp()
    const caller = where === 'here' ? f.here : otherWorkstation
    const session = await f.signIn('maria', maria, caller)
    expect(session.sessionId).not.toBe(sessionId)
    expect(session.startedAt).toBe(f.now())
    expect(await endOf(f, sessionId)).toEqual({ end_reason: 'sign-out' })
    release()
    await f.call('agent.hello', hello)
    expect(f.eventsOf('session.ended')).toHaveLength(1)
    expect(await endOf(f, session.sessionId)).toEqual({ end_reason: null })
  },
)
