import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { GroupCommit } from './group-commit.ts'
import { storeError } from './sqlite-errors.ts'
import type { Rows } from './worker-client.ts'
import type { WorkerRequest } from './worker-protocol.ts'

const done: Rows = { rows: [] }
/** Not `setImmediate`: what came in already is still heard at once. */
const toFake: ('setTimeout' | 'clearTimeout' | 'performance')[] = [
  'setTimeout',
  'clearTimeout',
  'performance',
]

function fakeWorker() {
  const log: string[] = []
  const commits: PromiseWithResolvers<Rows>[] = []
  return {
    log,
    /** Answers every commit at once. */
    willing: false,
    post: ({ op }: WorkerRequest) => void log.push(op),
    request({ op }: WorkerRequest) {
      log.push(op)
      if (this.willing) return Promise.resolve(done)
      const commit = Promise.withResolvers<Rows>()
      commits.push(commit)
      return commit.promise
    },
    /** Answers the commit that is under way. */
    async answer(with_: Rows | Error = done) {
      await vi.waitFor(() => expect(commits).toHaveLength(1), { interval: 1 })
      const [commit] = commits.splice(0)
      if (with_ instanceof Error) commit?.reject(with_)
      else commit?.resolve(with_)
    },
  }
}

let worker: ReturnType<typeof fakeWorker>
let group: GroupCommit
beforeEach(() => {
  worker = fakeWorker()
  group = new GroupCommit(worker)
})
afterEach(() => vi.useRealTimers())

const write = async (how: 'release' | 'rollback' = 'release') => {
  const turn = group.enter()
  await turn.begun
  turn.touch()
  await turn.end(how)
}

test('works of one tick share one commit, and none is done before it', async () => {
  let acknowledged = 0
  const writes = Array.from({ length: 3 }, () => write().then(() => acknowledged++))
  await vi.waitFor(() => expect(worker.log).toContain('commit'))
  expect(worker.log.join(' ')).toBe('savepoint release savepoint release savepoint release commit')
  expect(acknowledged).toBe(0)
  await worker.answer()
  await Promise.all(writes)
  expect(acknowledged).toBe(3)
})

test('a work that comes at whatever moment after another is run', async () => {
  worker.willing = true
  const done = new Set<number>()
  for (let later = 0; later < 60; later += 1) {
    await write()
    const immediate = later >= 30
    if (immediate) await new Promise((resolve) => setImmediate(resolve))
    for (let turn = 0; turn < later % 30; turn += 1) await Promise.resolve()
    await Promise.race([
      write().then(() => done.add(later)),
      new Promise((resolve) => setTimeout(resolve, 200)),
    ])
  }
  expect(done.size).toBe(60)
})

test('a work that rolls back does not wait for the flush', async () => {
  const rolledBack = write('rollback')
  const released = write()
  await rolledBack
  await vi.waitFor(() => expect(worker.log[1]).toBe('rollback'))
  await worker.answer()
  await released
})

test('works that come during a flush share the next one', async () => {
  const first = write()
  await vi.waitFor(() => expect(worker.log).toContain('commit'))
  const later = Promise.all([write(), write()])
  await worker.answer()
  await first
  await worker.answer()
  await later
  expect(worker.log.filter((op) => op === 'commit')).toHaveLength(2)
})

test('a batch is bounded, so that nobody waits for a crowd', async () => {
  worker.willing = true
  await Promise.all(Array.from({ length: 250 }, () => write()))
  await Promise.all(Array.from({ length: 250 }, () => write()))
  const batches = worker.log.join(' ').split('commit')
  const sizes = batches.map((batch) => batch.split('savepoint').length - 1)
  expect(sizes.reduce((sum, size) => sum + size)).toBe(500)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(256)
})

test('a failed commit fails every work of its batch and only that batch', async () => {
  const failed = Promise.allSettled([write(), write()])
  await worker.answer(storeError('full', 'no room'))
  for (const result of await failed)
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'full' } })
  const next = write()
  await worker.answer()
  await next
})

test.each(['io', 'corrupt'] as const)(
  'after an error of kind %s nothing is written',
  async (code) => {
    const failed = write()
    await worker.answer(storeError(code, 'broken'))
    await expect(failed).rejects.toMatchObject({ code })
    await expect(write()).rejects.toMatchObject({ code, advice: expect.any(String) })
    expect(worker.log).toEqual(['savepoint', 'release', 'commit'])
  },
)

test('an I/O error that a work swallowed fails its batch', async () => {
  const turn = group.enter()
  await turn.begun
  group.noticed(storeError('io', 'read failed'))
  const released = turn.end('release')
  await worker.answer()
  await expect(released).rejects.toMatchObject({ code: 'io' })
})

test('works that wait when the disk fails are refused', async () => {
  const failed = write()
  await vi.waitFor(() => expect(worker.log).toContain('commit'))
  const waiting = write()
  await worker.answer(storeError('io', 'fsync failed'))
  await expect(failed).rejects.toMatchObject({ code: 'io' })
  await expect(waiting).rejects.toMatchObject({ code: 'io' })
})

test('a work that waits for something else is ended for the sake of the others', async () => {
  vi.useFakeTimers({ toFake })
  worker.willing = true
  const turn = group.enter()
  await turn.begun
  turn.touch()
  const other = write()
  await vi.advanceTimersByTimeAsync(10_001)
  expect(turn.ended).toBe(true)
  await expect(turn.end('release')).rejects.toMatchObject({ code: 'busy' })
  await other
  expect(worker.log.slice(0, 3)).toEqual(['savepoint', 'rollback', 'commit'])
})

test('a flush that does not come back is a dead disk', async () => {
  vi.useFakeTimers({ toFake })
  const hanging = write()
  const outcome = hanging.catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(30_001)
  expect(await outcome).toMatchObject({ code: 'io' })
  await expect(write()).rejects.toMatchObject({ code: 'io' })
})

describe('works that name what they depend on', () => {
  /** Begins; `end` gives what came of it. */
  const begin = (lock?: readonly string[]) => {
    const turn = group.enter({ lock })
    let begun = false
    void turn.begun.then(() => (begun = true))
    return {
      turn,
      get begun() {
        return begun
      },
      end: (how: 'release' | 'rollback' = 'release') => turn.end(how).then(() => 'kept', nameOf),
    }
  }
  const nameOf = (error: unknown) => (error as Error).name
  const isBegun = (work: { readonly begun: boolean }) =>
    vi.waitFor(() => expect(work.begun).toBe(true))

  beforeEach(() => (worker.willing = true))

  test('run together when nothing is named twice, in one savepoint', async () => {
    const [maria, tom] = [begin(['person:maria', 'seat:1']), begin(['person:tom', 'seat:2'])]
    await isBegun(tom)
    expect(maria.begun).toBe(true)
    expect(await Promise.all([maria.end(), tom.end()])).toEqual(['kept', 'kept'])
    expect(worker.log).toEqual(['savepoint', 'release', 'commit'])
  })

  test.each([
    ['the same person', ['person:maria', 'seat:2']],
    ['nothing', undefined],
  ])('wait for the one before them when they name %s', async (_what, lock) => {
    const [first, second] = [begin(['person:maria', 'seat:1']), begin(lock)]
    await isBegun(first)
    expect(second.begun).toBe(false)
    const ended = first.end()
    await isBegun(second)
    expect(await Promise.all([ended, second.end()])).toEqual(['kept', 'kept'])
    expect(worker.log.filter((op) => op === 'savepoint')).toHaveLength(2)
  })

  test('run together in a number of which all can run again', async () => {
    const works = Array.from({ length: 100 }, (_, at) => begin([`person:${at}`]))
    await isBegun(works[63] as (typeof works)[number])
    expect(works[64]?.begun).toBe(false)
    await Promise.all(works.map(async ({ turn, end }) => turn.begun.then(() => end())))
    expect(worker.log.filter((op) => op === 'savepoint')).toHaveLength(2)
  })

  test('nobody overtakes one that names what is taken', async () => {
    const [first, second, third] = [begin(['a']), begin(['a']), begin(['b'])]
    await isBegun(first)
    expect(third.begun).toBe(false)
    const ends = [first.end()]
    await isBegun(third)
    ends.push(second.end(), third.end())
    expect(await Promise.all(ends)).toEqual(['kept', 'kept', 'kept'])
  })

  test('go on when one beside them failed before it asked anything', async () => {
    const [fails, kept] = [begin(['a']), begin(['b'])]
    await isBegun(kept)
    kept.turn.touch()
    expect(await Promise.all([kept.end(), fails.end('rollback')])).toEqual(['kept', 'kept'])
    expect(worker.log).toEqual(['savepoint', 'release', 'commit'])
  })

  test('run again when one beside them failed, whose own failure stands', async () => {
    const [fails, kept] = [begin(['a']), begin(['b'])]
    await isBegun(kept)
    fails.turn.touch()
    const ends = [kept.end(), fails.end('rollback')]
    expect(await Promise.all(ends)).toEqual(['Again', 'kept'])
    expect(worker.log.slice(0, 2)).toEqual(['savepoint', 'rollback'])
  })
})

describe('a disk that is too slow', () => {
  const slow = (ms: number) => new Promise<Rows>((resolve) => setTimeout(() => resolve(done), ms))
  /** Flushes take this long; how it goes with as many writes at once. */
  async function crowd(flush: number, count: number) {
    vi.useFakeTimers({ toFake })
    group = new GroupCommit({ post: () => {}, request: () => slow(flush) })
    for (let warm = 0; warm < 8; warm++) await advancedTo(write())
    const writes = Array.from({ length: count }, () => write().then(() => 'kept', failureOf))
    await Promise.resolve()
    return writes
  }
  const failureOf = (error: unknown) => error
  async function advancedTo<T>(promise: Promise<T>): Promise<T> {
    const settled = vi.fn<() => void>()
    promise.then(settled, settled)
    for (let at = 0; settled.mock.calls.length === 0 && at < 5000; at++)
      await vi.advanceTimersByTimeAsync(10)
    return promise
  }

  test('refuses whom it would keep waiting too long, at once and with advice', async () => {
    const writes = await crowd(5000, 400)
    const refused = await Promise.race([writes.at(-1), slow(1).then(() => 'waits')])
    expect(refused).toMatchObject({ code: 'busy', advice: expect.stringContaining('slow') })
    const outcomes = await advancedTo(Promise.all(writes))
    const kept = outcomes.filter((one) => one === 'kept')
    expect(kept).toHaveLength(256)
  })

  test('refuses nobody whom a fast disk serves in time', async () => {
    const writes = await crowd(1, 400)
    expect(new Set(await advancedTo(Promise.all(writes)))).toEqual(new Set(['kept']))
  })

  test('takes what is urgent all the same, and before the others', async () => {
    const writes = await crowd(5000, 400)
    const done: string[] = []
    const urgent = (async () => {
      const turn = group.enter({ urgent: true })
      await turn.begun
      await turn.end('release')
      done.push('urgent')
    })()
    for (const one of writes) void one.then((how) => how === 'kept' && done.push('kept'))
    await advancedTo(Promise.all([urgent, ...writes]))
    const before = done.indexOf('urgent')
    expect(before).toBeGreaterThanOrEqual(0)
    // The batch that was under way and the one it was in, of 256.
    expect(before).toBeLessThanOrEqual(128)
  })
})
