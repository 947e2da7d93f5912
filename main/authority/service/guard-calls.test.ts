import { expect, test, vi } from 'vitest'
import { StoreError } from '../../store/port.ts'
import { CallFailure, type Handlers } from '../context.ts'
import { Overload } from '../server/overload.ts'
import { createCallGuard } from './guard-calls.ts'

type Work = () => Promise<unknown>

function guarded(work: Work, limit = 4) {
  const told: string[] = []
  const guard = createCallGuard({
    limit,
    answerWithin: 2_000,
    monotonic: () => 0,
    meter: {
      finished: (call, outcome) => told.push(`${call} ${outcome}`),
      shed: (reason) => told.push(`shed ${reason}`),
    },
  })
  const handlers = guard.handlers({
    'tap.identify': work,
    'session.end': work,
  } as unknown as Handlers)
  const call = (name: 'tap.identify' | 'session.end', workstation = 'ws-1'): Promise<unknown> =>
    handlers[name]({} as never, { workstation: { id: workstation as never, name: workstation } })
  return { guard, call, told }
}

test.each([
  [async () => ({ outcome: 'identified' }), 'tap.identify identified'],
  [async () => ({}), 'tap.identify ok'],
  [async () => Promise.reject(new CallFailure('conflict', 'x')), 'tap.identify conflict'],
  [async () => Promise.reject(new StoreError('full', 'x', 'y')), 'tap.identify store-full'],
  [async () => Promise.reject(new Error('Mary Underwood')), 'tap.identify internal'],
])('what came of a call is counted in few words', async (work, counted) => {
  const { call, told } = guarded(work)
  await call('tap.identify').catch(() => {})
  expect(told).toEqual([counted])
})

test('one call too many is refused at once, and what ends a session still gets in', async () => {
  const gate = Promise.withResolvers<object>()
  const { call, told, guard } = guarded(() => gate.promise)
  const first = Array.from({ length: 4 }, () => call('tap.identify'))
  await expect(call('tap.identify')).rejects.toThrow(Overload)
  expect(told).toEqual(['shed full', 'tap.identify store-busy'])
  const end = call('session.end')
  expect(guard.underWay).toBe(5)
  await expect(call('session.end')).rejects.toThrow(Overload)
  gate.resolve({})
  await Promise.all([...first, end])
  expect(guard.underWay).toBe(0)
  await expect(call('tap.identify')).resolves.toEqual({})
})

test('one workstation takes no more than its share of a node, and what ends a session gets in', async () => {
  const gate = Promise.withResolvers<object>()
  const { call, told, guard } = guarded(() => gate.promise, 256)
  const first = Array.from({ length: 16 }, () => call('tap.identify'))
  const refused = await call('tap.identify').catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Overload)
  expect(String(refused)).toContain('This workstation')
  expect(told).toEqual(['shed full', 'tap.identify store-busy'])
  const ends = Array.from({ length: 16 }, () => call('session.end'))
  await expect(call('session.end')).rejects.toThrow(Overload)
  const other = call('tap.identify', 'ws-2')
  expect(guard.underWay).toBe(33)
  gate.resolve({})
  await Promise.all([...first, ...ends, other])
  await expect(call('tap.identify')).resolves.toEqual({})
})

test('a slow call is answered in time and keeps its place until it has ended', async () => {
  vi.useFakeTimers()
  try {
    const gate = Promise.withResolvers<object>()
    const { call, told, guard } = guarded(() => gate.promise)
    const slow = call('tap.identify')
    const refused = slow.catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(String(await refused)).toContain('nothing of it took place')
    expect(told).toEqual(['shed slow', 'tap.identify store-busy'])
    expect(guard.underWay).toBe(1)
    gate.resolve({})
    await vi.advanceTimersByTimeAsync(0)
    expect(guard.underWay).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('asking who calls has its place, too', async () => {
  const { guard, told } = guarded(() => Promise.resolve({}))
  const authenticate = guard.authenticate(() => Promise.resolve(null))
  expect(await authenticate({ method: 'GET', url: '/', headers: {} })).toBeNull()
  expect(told).toEqual(['authenticate refused'])
})
