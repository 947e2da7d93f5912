import { expect, test, vi } from 'vitest'
import type { Tx } from '../port.ts'
import { GroupWriter, type GroupWriterOptions } from './group-writer.ts'

const tx = {} as Tx

/** Runs what it is given at once; `together` and `alone` say what ran. */
function writer(over: Partial<GroupWriterOptions> = {}) {
  const together: (readonly string[])[] = []
  const alone: (readonly string[])[] = []
  const options: GroupWriterOptions = {
    mostGroups: 8,
    maxWaiting: 8,
    waitTimeout: 1000,
    runTogether: async (works, lock) => {
      together.push(lock)
      return Promise.allSettled(works.map((work) => work(tx)))
    },
    runAlone: async (work, lock) => {
      alone.push(lock)
      return work(tx)
    },
    ...over,
  }
  return { together, alone, group: new GroupWriter(options) }
}

/** A work that goes on when it is told to. */
function gate<T>(value: T) {
  const { promise, resolve } = Promise.withResolvers<void>()
  let begun = false
  const work = async () => {
    begun = true
    await promise
    return value
  }
  return { work, open: resolve, isBegun: () => vi.waitFor(() => expect(begun).toBe(true)) }
}

test('one that comes alone runs alone', async () => {
  const { group, together, alone } = writer()
  expect(await group.write(async () => 'a', { lock: ['a'] })).toBe('a')
  expect([together, alone]).toEqual([[], [['a']]])
})

test('those that come together share a transaction, each with its own outcome', async () => {
  const { group, together, alone } = writer()
  const failing = group.write(async () => Promise.reject(new Error('no')), {
    lock: ['c', 'shared'],
  })
  const all = [
    group.write(async () => 1, { lock: ['a'] }),
    group.write(async () => 2, { lock: ['b', 'a2'] }),
    failing,
  ]
  expect(await Promise.allSettled(all)).toMatchObject([
    { value: 1 },
    { value: 2 },
    { reason: { message: 'no' } },
  ])
  expect([together, alone]).toEqual([[['c', 'shared', 'a', 'b', 'a2']], []])
})

test('those that name the same follow each other in their order', async () => {
  const { group } = writer()
  const order: string[] = []
  const say = (what: string) => async () => void order.push(what)
  const first = gate('first')
  const writes = [
    group.write(first.work, { lock: ['a'] }).then(say('a1')),
    group.write(say('a2'), { lock: ['a', 'b'] }),
    group.write(say('b1'), { lock: ['b'] }),
    group.write(say('c1'), { lock: ['c'] }),
  ]
  await first.isBegun()
  await new Promise((resolve) => setTimeout(resolve, 5))
  // The third names nothing of the first, but must not pass the second.
  expect(order).toEqual(['c1'])
  first.open()
  await Promise.all(writes)
  expect(order).toEqual(['c1', 'a1', 'a2', 'b1'])
})

test('when nothing was kept, each runs again alone', async () => {
  const { group, alone } = writer({ runTogether: async () => null })
  const writes = [
    group.write(async () => 1, { lock: ['a'] }),
    group.write(async () => 2, { lock: ['b'] }),
  ]
  expect(await Promise.all(writes)).toEqual([1, 2])
  expect(alone).toEqual([['a'], ['b']])
})

test('what waits for somebody else keeps nobody who names something else', async () => {
  const { group } = writer()
  const [held, rerun] = [gate('held'), gate('rerun')]
  const first = group.write(held.work, { lock: ['a'] })
  await held.isBegun()
  expect(await group.write(async () => 'b', { lock: ['b'] })).toBe('b')
  held.open()
  expect(await first).toBe('held')

  let tries = 0
  const again = writer({
    runTogether: async () => {
      tries += 1
      return null
    },
  })
  const slow = again.group.write(rerun.work, { lock: ['a'] })
  expect(await again.group.write(async () => 'b', { lock: ['b'] })).toBe('b')
  expect(await again.group.write(async () => 'c', { lock: ['c'] })).toBe('c')
  rerun.open()
  expect(await slow).toBe('rerun')
  expect(tries).toBe(1)
})

test('when nobody knows what was kept, nothing runs again', async () => {
  const { group, alone } = writer({
    runTogether: async () => Promise.reject(new Error('unconfirmed')),
  })
  const writes = [
    group.write(async () => 1, { lock: ['a'] }),
    group.write(async () => 2, { lock: ['b'] }),
  ]
  for (const result of await Promise.allSettled(writes))
    expect(result).toMatchObject({ reason: { message: 'unconfirmed' } })
  expect(alone).toEqual([])
})

test('one more than may wait is refused at once, and who waits too long after that time', async () => {
  const { group } = writer({ maxWaiting: 2, waitTimeout: 10 })
  const first = gate('first')
  const running = group.write(first.work, { lock: ['a'] })
  // It has begun, and not for long: soon others would no longer wait for it.
  await new Promise((resolve) => setImmediate(resolve))
  const waiting = [
    group.write(async () => 1, { lock: ['b'] }),
    group.write(async () => 2, { lock: ['c'] }),
  ]
  await expect(group.write(async () => 3, { lock: ['d'] })).rejects.toMatchObject({ code: 'busy' })
  for (const one of await Promise.allSettled(waiting))
    expect(one).toMatchObject({ reason: { code: 'busy' } })
  first.open()
  expect(await running).toBe('first')
  expect(await group.write(async () => 4, { lock: ['a'] })).toBe(4)
})

test('what is urgent goes first, and is taken where the others are refused', async () => {
  const { group, together } = writer({ maxWaiting: 1 })
  const first = gate('first')
  const running = group.write(first.work, { lock: ['a'] })
  await new Promise((resolve) => setImmediate(resolve))
  const order: string[] = []
  const say = (what: string) => async () => void order.push(what)
  const waiting = group.write(say('ordinary'), { lock: ['b'] })
  await expect(group.write(say('no'), { lock: ['c'] })).rejects.toMatchObject({ code: 'busy' })
  const urgent = group.write(say('urgent'), { lock: ['d'], urgent: true })
  first.open()
  await Promise.all([running, waiting, urgent])
  expect([order, together]).toEqual([['urgent', 'ordinary'], [['d', 'b']]])
})

test('a slow flush keeps nobody, and who waits for its names goes on after it', async () => {
  const flush = Promise.withResolvers<void>()
  const { group } = writer({
    runAlone: async (work) => {
      const value = await work(tx)
      await flush.promise
      return value
    },
  })
  const order: string[] = []
  const first = group.write(async () => {}, { lock: ['a'] }).then(() => order.push('first'))
  await new Promise((resolve) => setImmediate(resolve))
  const same = group.write(async () => void order.push('same'), { lock: ['a'] })
  const other = group.write(async () => void order.push('other'), { lock: ['b'] })
  await vi.waitFor(() => expect(order).toContain('other'))
  expect(order).not.toContain('same')
  flush.resolve()
  await Promise.all([first, same, other])
  expect(order.indexOf('first')).toBeLessThan(order.indexOf('same'))
})

test('no urgent one overtakes another that names the same', async () => {
  const { group } = writer()
  const first = gate('first')
  const running = group.write(first.work, { lock: ['a'] })
  await new Promise((resolve) => setImmediate(resolve))
  const order: string[] = []
  const say = (what: string) => async () => void order.push(what)
  const writes = [
    group.write(say('held'), { lock: ['a'] }),
    group.write(say('before'), { lock: ['b', 'c'] }),
    group.write(say('urgent'), { lock: ['c'], urgent: true }),
  ]
  first.open()
  await Promise.all([running, ...writes])
  expect(order.indexOf('before')).toBeLessThan(order.indexOf('urgent'))
})

test('who waited behind one that gave up goes on at once', async () => {
  const { group } = writer({ waitTimeout: 200 })
  const first = gate('first')
  const running = group.write(first.work, { lock: ['a'] })
  await first.isBegun()
  const gaveUp = group.write(async () => 1, { lock: ['a', 'b'] })
  await new Promise((resolve) => setTimeout(resolve, 100))
  const behind = group.write(async () => 2, { lock: ['b'] })
  await expect(gaveUp).rejects.toMatchObject({ code: 'busy' })
  expect(await behind).toBe(2)
  first.open()
  await running
})

test('no more transactions are under way than there are connections for', async () => {
  const { group } = writer({ mostGroups: 2 })
  const gates = [gate('a'), gate('b'), gate('c')]
  const writes: Promise<unknown>[] = []
  for (const [at, { work }] of gates.entries()) {
    writes.push(group.write(work, { lock: [`${at}`] }))
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  expect(group.waiting).toBe(1)
  gates[0]?.open()
  await gates[2]?.isBegun()
  for (const { open } of gates) open()
  expect(await Promise.all(writes)).toEqual(['a', 'b', 'c'])
})
