import type { Tx } from '../store/port.ts'
import { prepare } from '../store/prepared.ts'
import type { Hash } from './merkle.ts'

/** A record's place in the tree. */
export interface Leaf {
  readonly seq: number
  readonly record: number
  readonly hash: Hash
}

/** Leaves per statement, as far as there are so many. */
const together = 32

/** Rows of one statement as its values, each under its name and number. */
type Values = Record<string, number | Hash>

const insertOf = (count: number) =>
  prepare<Values>()((db, place) =>
    db.insertInto('auditLeaf').values(
      Array.from({ length: count }, (_, at) => ({
        seq: place(`seq${at}`) as number,
        record: place(`record${at}`) as number,
        hash: place(`hash${at}`) as Hash,
      })),
    ),
  )
const [insertMany, insertOne] = [insertOf(together), insertOf(1)]

const valuesOf = (leaves: readonly Leaf[]): Values =>
  Object.fromEntries(
    leaves.flatMap(({ seq, record, hash }, at) => [
      [`seq${at}`, seq],
      [`record${at}`, record],
      [`hash${at}`, hash],
    ]),
  )

export async function insertLeaves(tx: Tx, leaves: readonly Leaf[]): Promise<void> {
  const full = leaves.length - (leaves.length % together)
  const chunks = Array.from({ length: full / together }, (_, at) =>
    leaves.slice(at * together, (at + 1) * together),
  )
  await Promise.all([
    ...chunks.map((chunk) => insertMany.all(tx, valuesOf(chunk))),
    ...leaves.slice(full).map((leaf) => insertOne.all(tx, valuesOf([leaf]))),
  ])
}
