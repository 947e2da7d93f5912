import { beforeEach, expect, test } from 'vitest'
import { memoryDatabase } from '../../test/support/memory-database.ts'
import { type SmallDisk, smallDisk } from '../../test/support/small-disk.ts'
import { guardReserve } from './guard-reserve.ts'
import { type Database, StoreError, type WriteOptions } from './port.ts'

let disk: SmallDisk
let db: Database
beforeEach(async () => {
  disk = smallDisk(0)
  db = disk.guard(await memoryDatabase()).db
})

const write = (reserve?: WriteOptions['reserve']) =>
  db.write(async () => 'written', reserve === undefined ? {} : { reserve })
const full = { code: 'full', advice: expect.any(String) }

test('on a full disk an ordinary write is refused and opens nothing', async () => {
  await expect(write()).rejects.toMatchObject(full)
  await expect(write('share')).rejects.toMatchObject(full)
  expect(disk.changes).toEqual([])
})

test('an emergency opens the reserve and goes on; ordinary writes stay refused beside it', async () => {
  expect(await write('take')).toBe('written')
  expect(disk.changes).toEqual(['open'])
  expect(disk.room).toBeGreaterThan(0)
  await expect(write()).rejects.toMatchObject(full)
  expect(await write('share')).toBe('written')
  expect(await write('take')).toBe('written')
})

test('emergencies at the same time open it once', async () => {
  const all = await Promise.all([write('take'), write('take'), write('take')])
  expect(all).toEqual(['written', 'written', 'written'])
  expect(disk.moves.released).toBe(1)
})

test('when there is room again it is held again, and everything goes on', async () => {
  await write('take')
  disk.room = 100
  const all = await Promise.all([write(), write(), write('take')])
  expect(all).toEqual(['written', 'written', 'written'])
  expect(disk.changes).toEqual(['open', 'held'])
  expect(disk.moves).toEqual({ released: 1, held: 1 })
  disk.room = 0
  expect(await write('take')).toBe('written')
  expect(disk.changes).toEqual(['open', 'held', 'open'])
})

test('a reserve that is used up refuses an emergency, too', async () => {
  while (disk.room > 0 || disk.changes.length === 0) await write('take')
  await expect(write('take')).rejects.toMatchObject(full)
})

test('whether a write is an emergency is asked on a full disk only', async () => {
  let asked = 0
  const ask = () => {
    asked += 1
    return 'take' as const
  }
  disk.room = 1
  await write(ask)
  expect(asked).toBe(0)
  expect(await write(ask)).toBe('written')
  expect(asked).toBe(1)
})

test.each(['busy', 'io', 'corrupt', 'closed'] as const)(
  'an error of kind %s is no full disk',
  async (code) => {
    const failing: Database = {
      ...db,
      write: () => Promise.reject(new StoreError(code, 'broken', 'repair it')),
    }
    const reserve = { hold: async () => true, release: () => Promise.reject(new Error('released')) }
    const guarded = guardReserve({ db: failing, reserve, state: 'held' })
    await expect(guarded.write(async () => 1, { reserve: 'take' })).rejects.toMatchObject({ code })
  },
)

test('what the work threw comes through, and is not tried twice', async () => {
  disk.room = 5
  let runs = 0
  const work = async () => {
    runs += 1
    throw new Error('not today')
  }
  await expect(db.write(work, { reserve: 'take' })).rejects.toThrow('not today')
  expect(runs).toBe(1)
})
