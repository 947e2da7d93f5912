import { beforeEach, expect, test } from 'vitest'
import { AuthorityError } from '../authority/protocol/call-error.ts'
import type { Call } from '../authority/protocol/procedures.ts'
import { createOutbox } from './outbox.ts'
import type { Tell } from './seat/effects.ts'
import { FakeTimers } from './testing.ts'

const tell = (call: Call, sessionId = 's') =>
  ({ type: 'tell', call, params: { sessionId } }) as Tell
const settle = () => new Promise((resolve) => setImmediate(resolve))

let timers: FakeTimers
let failing: AuthorityError['code'] | null
let told: string[]
let reported: string[]
let outbox: ReturnType<typeof createOutbox>
const client = {
  call: (call: Call) => {
    told.push(call)
    return failing === null
      ? Promise.resolve({} as never)
      : Promise.reject(new AuthorityError(failing, 'as the test wants it'))
  },
}
beforeEach(() => {
  timers = new FakeTimers()
  failing = null
  told = []
  reported = []
  outbox = createOutbox({ report: (call, code) => reported.push(`${call} ${code}`), timers })
})

test('what could not be told is told with the next connection, once, in order', async () => {
  await outbox.send(null, tell('session.shield'))
  failing = 'unreachable'
  await outbox.send(client, tell('session.end'))
  expect([outbox.size, timers.waiting]).toEqual([2, []])
  failing = null
  told = []
  await outbox.flush(client)
  expect(told).toEqual(['session.shield', 'session.end'])
  await outbox.flush(client)
  expect([told.length, outbox.size]).toEqual([2, 0])
})

test.each(['timeout', 'store-busy', 'store-full', 'log-unavailable'] as const)(
  'after %s it is told again, though the connection stands',
  async (code) => {
    failing = code
    await outbox.send(client, tell('session.secured'))
    timers.next()
    await settle()
    expect(told).toEqual(['session.secured', 'session.secured'])
    failing = null
    timers.next()
    await settle()
    expect([told.length, outbox.size, timers.waiting]).toEqual([3, 0, []])
  },
)

test('what happens meanwhile waits behind it, but not that a seat is covered', async () => {
  failing = 'store-busy'
  await outbox.send(client, tell('session.shield'))
  failing = null
  told = []
  await outbox.send(client, tell('session.end'))
  await outbox.send(client, tell('session.secured'))
  expect(told).toEqual(['session.secured'])
  timers.next()
  await settle()
  expect(told).toEqual(['session.secured', 'session.shield', 'session.end'])
})

test('a refusal is final, and what was only true then is not kept', async () => {
  failing = 'not-found'
  await outbox.send(client, tell('session.end'))
  expect(reported).toEqual(['session.end not-found'])
  failing = 'unreachable'
  await outbox.send(client, tell('session.activity'))
  expect(outbox.size).toBe(0)
})
