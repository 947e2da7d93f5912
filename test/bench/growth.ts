import { sql } from 'kysely'
import {
  type DatabaseSettings,
  type Engine,
  type Ground,
  openBenchDatabase,
  prepareGround,
} from './databases.ts'
import { median, type Report, round } from './figures.ts'
import { noteSigner } from '../../main/audit/signed-note.ts'
import { type BenchPerson, invent, logKey } from './people.ts'
import type { Tx } from '../../main/store/port.ts'
import { type Cell, type Contender, measureCell, openLanyardOn } from './sign-in/cell.ts'
import { peopled } from './house.ts'

export interface GrowthOptions {
  readonly engines: readonly Engine[]
  readonly people: number
  readonly records: number
  readonly seconds: number
  readonly rounds: number
  readonly tell: Report
}

const signingIn = 8000

/** A sign-in in an old, large house beside one in a new house of ten people. */
export async function benchGrowth(options: GrowthOptions): Promise<void> {
  const people = invent(signingIn)
  for (const engine of options.engines) {
    const ground = await prepareGround(engine)
    try {
      await compare(ground, people, options)
    } finally {
      await ground.dispose()
    }
  }
}

async function compare(
  ground: Ground,
  people: readonly BenchPerson[],
  { people: size, records, seconds, rounds, tell }: GrowthOptions,
): Promise<void> {
  const small = await peopled(ground, people)
  const large = await peopled(ground, people)
  const begun = performance.now()
  await fill(large, { people: size, records })
  const filling = (performance.now() - begun) / 1000
  const houses = [
    { name: 'small', contender: await openLanyardOn(ground, small), next: 0 },
    { name: 'large', contender: await openLanyardOn(ground, large), next: 0 },
  ]
  const cells = new Map<string, Cell[]>()
  async function run(
    house: { contender: Contender; next: number },
    lanes: number,
    limit: { seconds: number; most: number },
  ) {
    if (people.length - house.next < 2000) {
      await house.contender.reset()
      house.next = 0
    }
    const next = () => people[house.next++] ?? null
    return measureCell({ contender: house.contender, ground, next, lanes, ...limit })
  }
  try {
    for (const house of houses) await run(house, 16, { seconds: 40, most: 1500 })
    for (let round = 0; round < rounds; round += 1)
      for (const house of houses)
        for (const lanes of [1, 16]) {
          const key = `${house.name} ${lanes}`
          const cell = await run(house, lanes, { seconds, most: 2000 })
          cells.set(key, [...(cells.get(key) ?? []), cell])
        }
  } finally {
    for (const { contender } of houses) await contender.close()
  }
  const middle = (key: string, of: (cell: Cell) => number) => median((cells.get(key) ?? []).map(of))
  for (const lanes of [1, 16]) {
    const growth = (of: (cell: Cell) => number) =>
      middle(`large ${lanes}`, of) / middle(`small ${lanes}`, of)
    const cpu = growth((cell) => cell.cpu)
    tell({
      name: 'growth',
      engine: ground.engine,
      lanes,
      people: size,
      records,
      fillSeconds: round(filling),
      p50Small: round(middle(`small ${lanes}`, (cell) => cell.p50)),
      p50Large: round(middle(`large ${lanes}`, (cell) => cell.p50)),
      p50Growth: round(growth((cell) => cell.p50)),
      cpuGrowth: round(cpu),
      databaseCpuGrowth: ground.cluster ? round(growth((cell) => cell.databaseCpu ?? 0)) : null,
      failed: [...cells.values()].flat().reduce((sum, { failed }) => sum + failed, 0),
      met: cpu <= 1.1,
    })
  }
}

/** Of a tree in which every record is: its size, and the last of them. */
async function sizeOf(tx: Tx): Promise<{ readonly size: number; readonly record: number }> {
  const { seq, record } = await tx
    .selectFrom('auditLeaf')
    .select(({ fn }) => [fn.max<number | null>('seq').as('seq'), fn.max('record').as('record')])
    .executeTakeFirstOrThrow()
  return { size: seq === null ? 0 : seq + 1, record: record ?? 0 }
}

/** Numbers from 1 to `count`. */
const numbers = (count: number) =>
  sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(count)})`

/** Staff who never come, a year of their sessions, and a log of as many records. */
async function fill(
  settings: DatabaseSettings,
  { people, records }: { readonly people: number; readonly records: number },
): Promise<void> {
  const bytes = (hex: string) => sql.raw(settings.engine === 'sqlite' ? `x'${hex}'` : `'\\x${hex}'`)
  const hash = '00'.repeat(32)
  const year = Date.now() - 365 * 86_400_000
  const db = await openBenchDatabase(
    settings.engine === 'sqlite' ? settings : { ...settings, statementTimeout: 3_600_000 },
  )
  const sessions = people * 10
  const steps = [
    sql`insert into people (person_id, given, family, role, user_handle, applications)
      ${numbers(people)} select 'x-' || i, 'Sample', 'Person ' || i, 'nurse', 'h-' || i, '[]' from n`,
    sql`insert into badges (tag, key_version, badge_id, card_id, person_id, name, kind, status,
        technology, stock, assigned_at)
      ${numbers(people)} select 'tag-' || i, 1, 'xb-' || i, 'xc-' || i, 'x-' || i, 'Badge',
        'permanent', 'active', 'WIEGAND H10301', 0, 1 from n`,
    sql`insert into passkeys (passkey_id, person_id, name, public_key, counter, transports,
        backup_eligible, backed_up, aaguid, failed_attempts, created_at)
      ${numbers(people)} select 'xp-' || i, 'x-' || i, 'Key', ${bytes('00'.repeat(77))}, 0,
        '["usb"]', 0, 0, '', 0, 1 from n`,
    sql`insert into sessions (session_id, person_id, workstation_id, workstation_name, kind, scope,
        aal, amr, verified_at, started_at, ends_at, last_activity_at, applications, ended_at,
        end_reason, cleared_at)
      ${numbers(sessions)} select 'xs-' || i, 'x-' || (i % ${sql.lit(people)} + 1),
        'ws-' || (i % 256), 'Ward', 'standard', 'full', 2, '["hwk"]', ${sql.lit(year)} + i,
        ${sql.lit(year)} + i, ${sql.lit(year)} + i, ${sql.lit(year)} + i, '["ehr"]',
        ${sql.lit(year)} + i, 'sign-out', ${sql.lit(year)} + i from n`,
    // The taps and challenges of a day, which is as long as they are kept.
    sql`insert into taps (workstation_id, tap_id, person_id, purpose, expires_at, used_at)
      ${numbers(people)} select 'ws-' || (i % 256), 'xt-' || i, 'x-' || i, 'sign-in',
        ${sql.lit(Date.now())} - i, 1 from n`,
    sql`insert into ceremonies (ceremony_id, challenge, purpose, workstation_id, expires_at, used_at)
      ${numbers(people)} select 'xy-' || i, 'xy-' || i, 'sign-in', 'ws-' || (i % 256),
        ${sql.lit(Date.now())} - i, 1 from n`,
  ]
  for (const step of steps) await db.write((tx) => step.execute(tx))

  const body = `{"actor":"x-1","assurance":{"aal":2,"verifiedAt":1},"detail":{"kind":"standard","passkey":"${'A'.repeat(43)}"},"event":"session.started","outcome":0,"patient":"P-1","purposeOfUse":"TREAT","session":"${'B'.repeat(22)}","workstation":"ws-1"}`
  const part = 250_000
  // As if all of them were in the tree: their leaves, and the roots that its size asks for.
  for (let from = 0; from < records; from += part) {
    const count = Math.min(part, records - from)
    await db.write(async (tx) => {
      const { size, record } = await sizeOf(tx)
      await sql`insert into "auditRecord" ("time", "salt", "body")
        ${numbers(count)} select ${sql.lit(year)}, ${bytes('00'.repeat(16))}, ${sql.lit(body)} from n
      `.execute(tx)
      await sql`insert into "auditLeaf" ("seq", "record", "hash")
        select ${sql.lit(size)} + row_number() over (order by "id") - 1, "id", ${bytes(hash)}
        from "auditRecord" where "id" > ${sql.lit(record)}
      `.execute(tx)
    })
  }
  await db.write(async (tx) => {
    const { size, record } = await sizeOf(tx)
    const roots = size.toString(2).replaceAll('0', '').length
    await tx
      .insertInto('auditTree')
      .values({
        id: 1,
        key: noteSigner(logKey.origin, logKey.seed).verifierKey,
        size,
        record,
        frontier: new Uint8Array(32 * roots),
      })
      .execute()
  })
  if (settings.engine === 'postgres') {
    // The tree's cursor stands behind the last of them, or it would look for what waits among all.
    await db.write((tx) =>
      sql`update "auditTree" set "xid" =
        (select "xid" from "auditRecord" order by "xid" desc, "id" desc limit 1)`.execute(tx),
    )
    // Else the server would do so by itself, while the large house is measured.
    await sql`vacuum analyze`.execute(db.read)
  }
  await db.close()
}
