import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migrations } from '../../../main/store/migrations/index.ts'
import { openDatabase } from '../../../main/store/index.ts'
import { atWork, fillOldHouse, oldSteps, whoIsAtWork } from '../../support/old-house.ts'

/* The same as upgrade.test.ts, on SQLite: its process is killed after every single statement. */

const support = (file: string) => join(import.meta.dirname, '../../support', file)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-upgrade-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Steps that were done, and all that they made; what SQLite itself finds wrong. */
function schemaOf(path: string) {
  const db = new DatabaseSync(path)
  try {
    const made = db
      .prepare('select type, name, tbl_name, sql from sqlite_schema order by type, name')
      .all()
    const begun = made.some((row) => row['name'] === 'migration')
    const steps = begun ? db.prepare('select name from migration order by name').all() : []
    return {
      steps: steps.map((row) => String(row['name'])),
      begun,
      made: JSON.stringify(made, null, 1),
      faults: [
        ...db.prepare('pragma integrity_check').all(),
        ...db.prepare('pragma foreign_key_check').all(),
      ],
    }
  } finally {
    db.close()
  }
}

async function upTo(path: string, steps: number): Promise<void> {
  const db = await openDatabase({ path, migrations: migrations.slice(0, steps) })
  if (steps === oldSteps) await fillOldHouse(db)
  await db.close()
}

/** How the upgrade ended: by the signal, or with what it said. */
async function upgrade(path: string, dieAfter: number): Promise<string | null> {
  const command = ['--import', support('die-after.ts'), support('upgrade-process.ts'), path]
  const child = spawn(process.execPath, command, {
    env: { ...process.env, LANYARD_DIE_AFTER: String(dieAfter) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text: Buffer) => (said += text.toString()))
  const [, signal] = (await once(child, 'close')) as [number | null, string | null]
  return signal ?? said
}

test('whatever statement is the last, the schema is whole, and who is at work stays at work', async () => {
  const straight = join(folder, 'straight.db')
  const expected: string[] = []
  for (let steps = 0; steps <= migrations.length; steps += 1) {
    await upTo(straight, steps)
    expected.push(schemaOf(straight).made)
  }

  // Of a start that finds nothing to do.
  let usual = 0
  while ((await upgrade(straight, usual + 1)) === 'SIGKILL') usual += 1

  const path = join(folder, 'lanyard.db')
  let kills = usual
  for (let done = 0; done < migrations.length;) {
    if (done === oldSteps) await upTo(path, oldSteps)
    for (let dieAfter = done === 0 ? 1 : usual; ; dieAfter += 1) {
      kills += 1
      expect(await upgrade(path, dieAfter)).toBe('SIGKILL')
      const { steps, begun, made, faults } = schemaOf(path)
      expect(faults).toEqual([{ integrity_check: 'ok' }])
      expect(steps).toEqual(migrations.slice(0, steps.length).map(({ name }) => name))
      expect(steps.length - done).toBeLessThanOrEqual(1)
      expect(made === expected[steps.length] || (!begun && steps.length === 0)).toBe(true)
      if (steps.length === done) continue
      done = steps.length
      break
    }
  }
  process.stdout.write(`killed ${kills} times\n`)
  expect(kills).toBeGreaterThan(8 * migrations.length)

  expect(schemaOf(path).made).toEqual(expected.at(-1))
  const [one, other] = [await openDatabase({ path }), await openDatabase({ path: straight })]
  try {
    const found = await atWork(one)
    expect(found.live.map((row) => row.session_id)).toEqual(whoIsAtWork)
    expect(found.overrides).toHaveLength(1)
    expect(found).toEqual(await atWork(other))
  } finally {
    await one.close()
    await other.close()
  }
}, 600_000)
