import { expect, test, vi } from 'vitest'
import type { Caller, Handlers } from '../context.ts'
import type { Connection } from '../server/connection.ts'
import { CallFailure } from '../context.ts'
import { letSignOutWin } from './sign-out-wins.ts'

const patience = 8_000

/** Handlers on a store that is down until it is mended, and callers with connections of their own. */
function house() {
  let at = 0
  let down = true
  const ended: string[] = []
  const answers = {
    'session.end': vi.fn<(request: { sessionId: string }) => Promise<object>>(
      async ({ sessionId }) => {
        await Promise.resolve()
        if (down) throw new Error('the store is down')
        ended.push(sessionId)
        return {}
      },
    ),
    'session.activity': () => Promise.resolve({ inactiveAt: 1 }),
  }
  const wins = letSignOutWin(answers as unknown as Handlers, {
    now: () => at,
    onDue: () => {},
    patience,
  })
  const closed: string[] = []
  const caller = (id: string): Caller => {
    const connection: Connection = {
      id,
      alive: () => Promise.resolve(true),
      close: (code) => closed.push(`${id} ${code}`),
      onClose: () => {},
    }
    return { workstation: { id: 'ws-1' as never, name: 'Bay 4' }, connection }
  }
  return {
    wins,
    ended,
    closed,
    caller,
    attempts: answers['session.end'],
    mend: () => (down = false),
    later: (ms: number) => (at += ms),
    signOut: (session: string, by: Caller) =>
      wins.handlers['session.end']({ sessionId: session as never, reason: 'sign-out' }, by),
  }
}

test('a session whose end could not be recorded acts no more, and its end is recorded later', async () => {
  const { wins, signOut, caller, mend, ended } = house()
  await expect(signOut('s', caller('a'))).rejects.toThrow('the store is down')
  expect(wins.isOver('s')).toBe(true)
  await expect(
    wins.handlers['session.activity']({ sessionId: 's' as never }, caller('a')),
  ).rejects.toThrow(CallFailure)
  await wins.finish()
  expect(wins.isOver('s')).toBe(true)
  mend()
  await wins.finish()
  expect(ended).toEqual(['s'])
  expect(wins.isOver('s')).toBe(false)
})

test('an agent whose sign-out stays unrecorded is sent to another node, once for each connection', async () => {
  const { wins, signOut, caller, later, closed } = house()
  const first = caller('first')
  await signOut('s', first).catch(() => {})
  await signOut('other', caller('quick')).catch(() => {})
  later(patience - 1)
  // It says it again, which is no reason to wait anew.
  await signOut('s', first).catch(() => {})
  expect(closed).toEqual([])
  later(1)
  await wins.finish()
  await wins.finish()
  expect(closed.toSorted()).toEqual(['first 1013', 'quick 1013'])

  // It came back to this one: there may be no other.
  await signOut('s', caller('second')).catch(() => {})
  await wins.finish()
  expect(closed).toHaveLength(2)
  later(patience)
  await wins.finish()
  expect(closed.at(-1)).toBe('second 1013')
})

test('what is tried again is tried once at a time, however many calls come meanwhile', async () => {
  const { wins, signOut, caller, attempts } = house()
  await signOut('s', caller('a')).catch(() => {})
  attempts.mockClear()
  const call = () => wins.handlers['session.activity']({ sessionId: 'x' as never }, caller('b'))
  await Promise.all(Array.from({ length: 50 }, call))
  expect(attempts).toHaveBeenCalledTimes(1)
})
