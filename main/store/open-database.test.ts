import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { storeConformance } from './conformance.ts'
import type { Migration } from './migrate.ts'
import { openDatabase, type OpenDatabaseOptions } from './open-database.ts'
import type { Database } from './port.ts'
import { holdReserve, releaseReserve } from './reserve.ts'

let directory: string
let path: string
const opened: Database[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanyard-store-'))
  path = join(directory, 'data', 'lanyard.db')
})
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close()
  await rm(directory, { recursive: true })
})

const open = async (over: Partial<OpenDatabaseOptions> = {}) => {
  const db = await openDatabase({ path, migrations: [], ...over })
  opened.push(db)
  return db
}

storeConformance(() => open())

const step = (name: string, statement = `create table "t${name.slice(0, 4)}" ("a" integer)`) => ({
  name,
  up: async (db: Parameters<Migration['up']>[0]) => {
    await sql.raw(statement).execute(db)
  },
})

test.each([
  ['removed', (file: string) => rm(file)],
  [
    'replaced',
    (file: string) => copyFile(file, `${file}.copy`).then(() => rename(`${file}.copy`, file)),
  ],
] as const)(
  'a file that is %s while it is open confirms nothing any more',
  async (_how, change) => {
    for (const file of [path, `${path}-wal`]) {
      const db = await open({ migrations: [step('0001-one')] })
      const write = () => db.write((tx) => sql`insert into "t0001" values (1)`.execute(tx))
      await write()
      await change(file)
      await expect(write()).rejects.toMatchObject({ code: 'io' })
      await expect(write()).rejects.toMatchObject({ code: 'io' })
      await db.close()
      await rm(directory, { recursive: true })
    }
    await mkdir(directory)
  },
)

test('a step of the schema may take as long as a large file takes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const slow: Migration = {
      name: '0001-slow',
      async up(db) {
        await sql`create table "slow" ("a" integer)`.execute(db)
        vi.advanceTimersByTime(600_000)
        await sql`create index "slow_a" on "slow" ("a")`.execute(db)
      },
    }
    const db = await open({ migrations: [slow] })
    // Others have a limit again.
    const waiting = db.write(async (tx) => {
      await sql`select 1`.execute(tx)
      vi.advanceTimersByTime(600_000)
    })
    await expect(waiting).rejects.toMatchObject({ code: 'busy' })
  } finally {
    vi.useRealTimers()
  }
})

const scalar = async (db: Database, query: string) => {
  const { rows } = await sql.raw<Record<string, unknown>>(query).execute(db.read)
  return Object.values(rows[0] ?? {})[0]
}

describe('opening the embedded database', () => {
  test('sets what durability needs, on a file that its owner alone may read', async () => {
    const db = await open()
    const pragmas = await db.write(async (tx) => {
      const names = ['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout']
      const found = []
      for (const name of names) {
        const { rows } = await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(tx)
        found.push(Object.values(rows[0] ?? {})[0])
      }
      return found
    })
    expect(pragmas).toEqual(['wal', 2, 1, 5000])
    expect(await scalar(db, 'pragma journal_mode')).toBe('wal')
    if (process.platform === 'win32') return
    const files = await Promise.all(['', '-wal', '.reserve'].map((end) => stat(`${path}${end}`)))
    expect(files.map(({ mode }) => mode & 0o777)).toEqual([0o600, 0o600, 0o600])
  })

  test('reads cannot write', async () => {
    const db = await open()
    await expect(sql`create table t (a)`.execute(db.read)).rejects.toMatchObject({
      code: 'unwritable',
    })
    await expect(db.read.transaction().execute(async () => {})).rejects.toThrow(/write/)
  })

  test('a database that another process has locked is busy', async () => {
    await (await open()).close()
    using other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    await expect(open({ busyTimeout: 50 })).rejects.toMatchObject({ code: 'busy' })
    other.exec('ROLLBACK')
    await open()
  })

  test('a write that another process holds up is busy, and the next one goes on', async () => {
    const db = await open({ busyTimeout: 50, migrations: [step('0001-a')] })
    using other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    const insert = () => db.write((tx) => sql`insert into "t0001" values (1)`.execute(tx))
    await expect(insert()).rejects.toMatchObject({ code: 'busy', advice: expect.any(String) })
    other.exec('ROLLBACK')
    await insert()
    expect(await scalar(db, 'select count(*) from "t0001"')).toBe(1)
  })

  const damages: readonly [string, (bytes: Buffer) => Buffer][] = [
    ['that is text', () => Buffer.from('This is not a database, and long enough. '.repeat(40))],
    ['whose first page is noise', (bytes) => Buffer.from(bytes.fill(0xa5, 0, 4096))],
    ['whose last pages are noise', (bytes) => Buffer.from(bytes.fill(0xa5, 8192))],
    ['that was cut off', (bytes) => bytes.subarray(0, bytes.length - 6000)],
  ]
  test.each(damages)('a file %s is corrupt', async (_, damage) => {
    const filled = {
      name: '0002-b',
      up: async (db: Parameters<Migration['up']>[0]) => {
        await sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 9000)
          insert into "t0001" select i from n`.execute(db)
      },
    }
    const migrations = [step('0001-a'), filled]
    await (await open({ migrations })).close()
    await writeFile(path, damage(await readFile(path)))
    await expect(open({ migrations })).rejects.toMatchObject({ code: 'corrupt' })
  })

  test('a database of another program is corrupt and stays as it is', async () => {
    await mkdir(join(directory, 'data'))
    using other = new DatabaseSync(path)
    other.exec('CREATE TABLE theirs (a)')
    await expect(open()).rejects.toMatchObject({ code: 'corrupt' })
    expect(other.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'theirs' }])
  })

  test('a journal whose database was deleted is corrupt, not a new database', async () => {
    const db = await open({ migrations: [step('0001-a')] })
    await rm(path)
    await expect(open()).rejects.toMatchObject({ code: 'corrupt' })
    await db.close()
  })

  test('a folder in the place of the file, or a file in that of the folder, is unwritable', async () => {
    await mkdir(path, { recursive: true })
    await expect(open()).rejects.toMatchObject({ code: 'unwritable' })
    await expect(open({ path: join(import.meta.filename, 'x', 'a.db') })).rejects.toMatchObject({
      code: 'unwritable',
    })
  })

  test('a database without room is full, reads go on, and so do writes once there is room', async () => {
    const db = await open({ migrations: [step('0001-a', 'create table "t0001" ("a" blob)')] })
    const limit = (pages: number) =>
      db.write((tx) => sql.raw(`pragma max_page_count = ${pages}`).execute(tx))
    const insert = () =>
      db.write((tx) => sql`insert into "t0001" values (${new Uint8Array(50_000)})`.execute(tx))
    await insert()
    await limit(1)
    const results = await Promise.allSettled([insert(), insert()])
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'full' } })
    expect(await scalar(db, 'select count(*) from "t0001"')).toBe(1)
    await limit(10_000)
    await insert()
    expect(await scalar(db, 'select count(*) from "t0001"')).toBe(2)
  })

  test('a work that swallows the error of a full disk is still not acknowledged', async () => {
    const db = await open({ migrations: [step('0001-a', 'create table "t0001" ("a" blob)')] })
    await db.write((tx) => sql`pragma max_page_count = 1`.execute(tx))
    const written = db.write(async (tx) => {
      await sql`insert into "t0001" values (${new Uint8Array(50_000)})`.execute(tx).catch(() => {})
      return 'done'
    })
    await expect(written).rejects.toMatchObject({ code: 'full' })
  })
})

describe('migrations', () => {
  test('run in order, once, and are recorded', async () => {
    const first = [step('0001-a')]
    await (await open({ migrations: first, now: () => 1000 })).close()
    const db = await open({ migrations: [...first, step('0002-b')], now: () => 2000 })
    const { rows } = await sql`select * from "migration" order by "name"`.execute(db.read)
    expect(rows).toEqual([
      { name: '0001-a', appliedAt: 1000 },
      { name: '0002-b', appliedAt: 2000 },
    ])
  })

  test('of two programs that start at the same time, one runs each step', async () => {
    const migrations = [step('0001-a'), step('0002-b')]
    const [db] = await Promise.all(Array.from({ length: 4 }, () => open({ migrations })))
    expect(db && (await scalar(db, 'select count(*) from "migration"'))).toBe(2)
  })

  test('a step that fails leaves nothing of itself', async () => {
    const broken = {
      name: '0002-b',
      up: async (db: Parameters<Migration['up']>[0]) => {
        await sql`create table "half" ("a" integer)`.execute(db)
        await sql`insert into "nowhere" values (1)`.execute(db)
      },
    }
    await expect(open({ migrations: [step('0001-a'), broken] })).rejects.toThrow(/nowhere/)
    const db = await open({ migrations: [step('0001-a'), step('0002-half')] })
    expect(await scalar(db, `select count(*) from sqlite_schema where name = 'half'`)).toBe(0)
  })

  test('a database of a newer program is refused', async () => {
    await (await open({ migrations: [step('0001-a'), step('0002-b')] })).close()
    await expect(open({ migrations: [step('0001-a')] })).rejects.toMatchObject({
      code: 'newer',
      advice: expect.stringContaining('version'),
    })
  })

  test('a database that lacks a step in between is refused', async () => {
    await (await open({ migrations: [step('0001-a'), step('0003-c')] })).close()
    const migrations = [step('0001-a'), step('0002-b'), step('0003-c')]
    await expect(open({ migrations })).rejects.toMatchObject({ code: 'corrupt' })
  })

  test.each([['1-a'], ['0001_a'], ['0001-A'], ['0001-']])(
    'the name %j is refused',
    async (name) => {
      await expect(open({ migrations: [{ name, up: async () => {} }] })).rejects.toThrow(/NNNN/)
    },
  )

  test('two steps of one number follow in the order of their names', async () => {
    await expect(open({ migrations: [step('0002-b'), step('0001-a')] })).rejects.toThrow(/follow/)
  })

  test('the product opens with all of its own steps', async () => {
    const db = await openDatabase({ path })
    opened.push(db)
    expect(await scalar(db, 'select count(*) from "auditRecord"')).toBe(0)
  })
})

describe('the reserve for emergency access', () => {
  test('is held beside an open database, freed once, and held again', async () => {
    await open()
    const { size } = await stat(`${path}.reserve`)
    expect(size).toBeGreaterThanOrEqual(1024 * 1024)
    expect(await releaseReserve(path)).toBe(true)
    expect(await releaseReserve(path)).toBe(false)
    expect(await holdReserve(path)).toBe(true)
    expect((await stat(`${path}.reserve`)).size).toBe(size)
  })

  test('that is incomplete is made anew, of bytes that take their space on any disk', async () => {
    await open()
    await writeFile(`${path}.reserve`, 'short')
    expect(await holdReserve(path)).toBe(true)
    const [chunk] = (await once(createReadStream(`${path}.reserve`), 'data')) as [Buffer]
    expect(new Set(chunk).size).toBe(256)
  })

  test('that has no place is not held, and that is no error', async () => {
    expect(await holdReserve(join(directory, 'nowhere', 'lanyard.db'))).toBe(false)
  })
})
