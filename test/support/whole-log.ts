import { setTimeout as pause } from 'node:timers/promises'
import { verifyDatabase } from '../../main/audit/index.ts'
import type { Database } from '../../main/store/port.ts'
import type { Moments } from './committed-moments.ts'

type Query = Moments['query']

/** What of the log's tree has a gap at this moment, in words; records may still wait for it. */
export async function gapsOf(query: Query): Promise<readonly string[]> {
  const [row] = await query(
    `select (select size from "auditTree")::int as size,
      count(*)::int as leaves, coalesce(max(seq) + 1, 0)::int as next,
      count(distinct record)::int as records,
      count(*) filter (where not exists (select from "auditRecord" r where r.id = record))::int as lost,
      (select count(*)::int from "auditCheckpoint" where size = (select size from "auditTree")) as signed
      from "auditLeaf"`,
  )
  const { size, leaves, next, records, lost, signed } = row as Record<string, number>
  return [
    leaves === next ? [] : `${leaves} leaves, and the last is number ${next}`,
    leaves === size ? [] : `${leaves} leaves in a tree of ${size}`,
    leaves === records ? [] : `${leaves} leaves of ${records} records`,
    lost === 0 ? [] : `${lost} leaves without their record`,
    size === 0 || signed === 1 ? [] : `the tree of ${size} is not signed`,
  ].flat()
}

/** Waits until every record is in the tree, and verifies it; what is wrong, in words. */
export async function faultsOf(db: Database, query: Query): Promise<readonly string[]> {
  const waiting = `select count(*)::int as n from "auditRecord" r
    where not exists (select from "auditLeaf" l where l.record = r.id)`
  let left = -1
  for (let attempt = 0; attempt < 200 && left !== 0; attempt++) {
    if (attempt > 0) await pause(100)
    left = Number((await query(waiting))[0]?.['n'])
  }
  const found = await verifyDatabase(db)
  return [
    left === 0 ? [] : `${left} records never came into the tree`,
    found?.ok === true ? [] : `not verified: ${JSON.stringify(found)}`,
    await gapsOf(query),
  ].flat()
}
