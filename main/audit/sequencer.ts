import type { Tx } from '../store/port.ts'
import { appendLeaf, frontierRoot, type Frontier } from './merkle.ts'
import { recordHash } from './record.ts'
import { checkpointText, type NoteSigner } from './signed-note.ts'

/** Records per transaction of the sequencer, and per checkpoint when many arrive. */
export const sequenceBatch = 256
const rowsPerInsert = 16

export interface Sequenced {
  readonly size: number
  /** The checkpoint for `size`. */
  readonly note: string
  /** Whether more records may be waiting. */
  readonly more: boolean
}

/**
 * Takes the next records into the tree and signs the new root, all in one transaction of its own:
 * never in the one that wrote a record, which would make it wait. The tree's
 * row is read and written under the database's write lock, so two sequencers cannot fork the log.
 */
export async function sequence(tx: Tx, signer: NoteSigner): Promise<Sequenced> {
  const tree = await tx.selectFrom('auditTree').selectAll().where('id', '=', 1).executeTakeFirst()
  if (!tree) throw new Error('The log has no tree: createAuditLog must run first.')
  const records = await tx
    .selectFrom('auditRecord')
    .selectAll()
    .where('id', '>', tree.record)
    .orderBy('id')
    .limit(sequenceBatch)
    .execute()
  let frontier = readFrontier(tree.size, tree.frontier)
  const leaves = records.map((record, offset) => {
    const seq = tree.size + offset
    const hash = recordHash({ seq, time: record.time, salt: record.salt, body: record.body })
    frontier = appendLeaf(frontier, hash)
    return { seq, record: record.id, hash }
  })
  for (let at = 0; at < leaves.length; at += rowsPerInsert)
    await tx
      .insertInto('auditLeaf')
      .values(leaves.slice(at, at + rowsPerInsert))
      .execute()
  const size = frontier.size
  const last = records.at(-1)
  // Every root that was ever reached is signed, so an unchanged tree has its note.
  if (!last) return { size, note: await noteOf(tx, size), more: false }
  const note = signer.sign(checkpointText(signer.name, size, frontierRoot(frontier)))
  await tx.insertInto('auditCheckpoint').values({ size, note }).execute()
  await tx
    .updateTable('auditTree')
    .set({ size, record: last.id, frontier: Buffer.concat(frontier.roots) })
    .where('id', '=', 1)
    .execute()
  return { size, note, more: records.length === sequenceBatch }
}

async function noteOf(tx: Tx, size: number): Promise<string> {
  const { note } = await tx
    .selectFrom('auditCheckpoint')
    .select('note')
    .where('size', '=', size)
    .executeTakeFirstOrThrow()
  return note
}

function readFrontier(size: number, bytes: Uint8Array): Frontier {
  const roots = Array.from({ length: bytes.length / 32 }, (_, at) =>
    bytes.subarray(at * 32, at * 32 + 32),
  )
  return { size, roots }
}
