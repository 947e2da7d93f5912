import { expect, test } from 'vitest'
import { aPolicy } from './seat/testing/builders.ts'
import { startAuthorityHost } from './authority-host.ts'
import type { AuthorityHostOptions } from './authority-host.ts'
import type { Transport } from '../badge/reader-messages.ts'
import { startReaderHost } from './reader-host.ts'
import { FakeChild, FakeTimers } from './testing.ts'

const reader = (transports: readonly Transport[] = ['hid']) => {
  const children: FakeChild[] = []
  const timers = new FakeTimers()
  const events: unknown[] = []
  let now = 0
  const host = startReaderHost({
    transports,
    fork: () => {
      const child = new FakeChild()
      children.push(child)
      return child
    },
    configure: {
      type: 'configure',
      format: 'H10301',
      profiles: [],
      ports: [],
      pollMs: 150,
      debounceMs: 1_000,
    },
    onTap: ({ badge }) => events.push(`tap ${badge}`),
    onTwoBadges: (path) => events.push(`two ${path}`),
    onState: (path, state) => events.push(`${path} ${state}`),
    onInspection: () => events.push('inspection'),
    onQuality: ({ failures }) => events.push(`quality ${failures}`),
    onProcess: () => undefined,
    now: () => now,
    timers,
  })
  return { host, children, timers, events, pass: (ms: number) => (now += ms) }
}

test('what the reader process says is heard; what fits no schema is not', () => {
  const { children, events } = reader()
  expect(children[0]?.posted).toMatchObject([{ type: 'configure' }])
  children[0]?.say({ type: 'reader', reader: 'a', model: 'm', state: 'ready', detail: '' })
  children[0]?.say({ type: 'tap', reader: 'a', badge: 'b', refusedAtEnrolment: null, at: 1 })
  children[0]?.say({ type: 'two-badges', reader: 'a', at: 1 })
  children[0]?.say({ type: 'tap', reader: 'a', badge: 'b', at: 1, person: 'mira' })
  children[0]?.say('tap')
  expect(events).toEqual(['a ready', 'tap b', 'two a'])
})

test('a reader process that dies is said to be silent and starts again, ever more slowly', () => {
  const { children, timers, events, pass } = reader()
  children[0]?.say({ type: 'reader', reader: 'a', model: 'm', state: 'ready', detail: '' })
  const waits: (number | null)[] = []
  for (let n = 0; n < 9; n += 1) {
    children.at(-1)?.exit(1)
    waits.push(timers.next())
  }
  expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  expect(events).toContain('a silent')
  expect(children).toHaveLength(10)
  pass(60_001)
  children.at(-1)?.exit(1)
  expect(timers.next()).toBe(250)
})

test('each transport has a process of its own; one that dies takes no other reader along', () => {
  const { host, children, events, timers } = reader(['hid', 'pcsc'])
  children[0]?.say({ type: 'reader', reader: 'a', model: 'm', state: 'ready', detail: '' })
  children[1]?.say({ type: 'reader', reader: 'none', model: '', state: 'missing', detail: '' })
  children[0]?.exit(134)
  expect(events).toEqual(['a ready', 'none:pcsc missing', 'a silent'])
  host.send({ type: 'feedback', reader: 'a', signal: 'accepted' })
  expect(children[1]?.posted).toHaveLength(1)
  host.send({ type: 'inspect', on: true, reveal: false })
  timers.next()
  expect(children[2]?.posted).toMatchObject([{ type: 'configure' }, { type: 'inspect', on: true }])
})

test('a reader whose opening kills the process is left alone, ever longer; others are not', () => {
  const { children, timers, pass } = reader()
  const avoided = () =>
    children.at(-1)?.posted.map((command) => (command as { avoid?: unknown }).avoid)
  children[0]?.say({ type: 'opening', reader: 'good' })
  children[0]?.say({ type: 'opened', reader: 'good' })
  children[0]?.say({ type: 'opening', reader: 'bad' })
  children[0]?.exit(134)
  timers.next()
  expect(avoided()).toEqual([['bad']])
  pass(30_000)
  timers.next()
  expect(avoided()).toEqual([['bad'], []])
  children[1]?.say({ type: 'opening', reader: 'bad' })
  children[1]?.exit(134)
  timers.next()
  pass(30_001)
  expect(avoided()).toEqual([['bad']])
  pass(30_000)
  timers.next()
  expect(avoided()).toEqual([['bad'], []])
})

test('at the end the reader process is asked to stop, and killed when it does not', async () => {
  const { host, children, timers } = reader()
  const disposed = host.dispose()
  expect(children[0]?.posted).toContainEqual({ type: 'stop' })
  timers.next()
  await disposed
  expect(children[0]?.killed).toBe(true)
  expect(timers.waiting).toEqual([])
})

const authority = () => {
  const children: FakeChild[] = []
  const timers = new FakeTimers()
  const events: string[] = []
  let now = 0
  const start = { type: 'start', policy: aPolicy() } as unknown as AuthorityHostOptions['start']
  const host = startAuthorityHost({
    fork: () => {
      const child = new FakeChild()
      children.push(child)
      return child
    },
    start,
    onReady: (url) => events.push(`ready ${url}`),
    onLost: () => events.push('lost'),
    onFault: (code) => events.push(`fault ${code}`),
    onProcess: () => undefined,
    now: () => now,
    timers,
  })
  return { host, children, timers, events, pass: (ms: number) => (now += ms) }
}

test('the authority is started with its message and its address is passed on', () => {
  const { children, events } = authority()
  expect(children[0]?.posted).toMatchObject([{ type: 'start' }])
  children[0]?.say({ type: 'ready', url: 'http://127.0.0.1:4000', extra: 1 })
  children[0]?.say({ type: 'ready', url: 'http://127.0.0.1:4000' })
  expect(events).toEqual(['ready http://127.0.0.1:4000'])
})

test('a crash is repaired once; the second within five minutes is a fault', () => {
  const { children, events, pass } = authority()
  children[0]?.exit(1)
  expect(children).toHaveLength(2)
  pass(299_000)
  children[1]?.exit(1)
  expect(children).toHaveLength(2)
  expect(events).toEqual(['lost', 'lost', 'fault authority-stopped'])
})

test.each([
  ['store-busy', 'store-busy', 1],
  ['store-full', 'store-full', 1],
  ['store-corrupt', 'store-corrupt', 0],
  ['store-unwritable', 'store-unwritable', 0],
  ['configuration', 'configuration', 0],
  ['internal', 'authority-stopped', 0],
] as const)('a start that fails with %s is the fault %s', (code, fault, retries) => {
  const { children, events, timers } = authority()
  children[0]?.say({ type: 'failed', code, message: 'what to do next' })
  children[0]?.exit(1)
  expect(events).toEqual([`fault ${fault}`, 'lost'])
  expect(timers.waiting).toHaveLength(retries)
})

test('at the end the authority gets time to close its log', async () => {
  const { host, children } = authority()
  const disposed = host.dispose()
  expect(children[0]?.posted).toContainEqual({ type: 'stop' })
  children[0]?.exit(0)
  await disposed
  expect(children[0]?.killed).toBe(false)
})
