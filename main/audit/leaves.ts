import type { Tx } from '../store/port.ts'
import { prepare } from '../store/prepared.ts'
import type { Hash } from './merkle.ts'

/** A record's place in the tree. */
export interface Leaf {
  readonly seq: number
  readonly record: number
  readonly hash: Hash
}

/** Rows of one statement as its values, each under its name and number. */
type Values = Record<string, number | Hash>

const insertOf = (count: number) => ({
  count,
  insert: prepare<Values>()((db, place) =>
    db.insertInto('auditLeaf').values(
      Array.from({ length: count }, (_, at) => ({
        seq: place(`seq${at}`) as number,
        record: place(`record${at}`) as number,
        hash: place(`hash${at}`) as Hash,
      })),
    ),
  ),
})
/** Statements for so many leaves each: any number of them takes a few. */
const inserts = [128, 64, 32, 16, 8, 4, 2, 1].map(insertOf)

const valuesOf = (leaves: readonly Leaf[]): Values =>
  Object.fromEntries(
    leaves.flatMap(({ seq, record, hash }, at) => [
      [`seq${at}`, seq],
      [`record${at}`, record],
      [`hash${at}`, hash],
    ]),
  )

export async function insertLeaves(tx: Tx, leaves: readonly Leaf[]): Promise<void> {
  const done: Promise<unknown>[] = []
  let from = 0
  for (const { count, insert } of inserts)
    for (; leaves.length - from >= count; from += count)
      done.push(insert.all(tx, valuesOf(leaves.slice(from, from + count))))
  await Promise.all(done)
}
