import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { engineOf } from '../store/engine.ts'
import type { Tx } from '../store/port.ts'
import { clockBack, clockTolerance } from './clock-back.ts'
import {
  horizonOf,
  moveCursor,
  takeSequencerLock,
  waitingRecords,
  type Horizon,
  type Waiting,
} from './horizon.ts'
import { checkContinues } from './kept-checkpoint.ts'
import { insertLeaves } from './leaves.ts'
import { appendLeaf, frontierRoot, type Frontier } from './merkle.ts'
import { recordHash } from './record.ts'
import { checkpointText, type NoteSigner } from './signed-note.ts'

/** Records per transaction of the sequencer, and per checkpoint when many arrive. */
export const sequenceBatch = 256

export interface SequenceOptions {
  readonly signer: NoteSigner
  /** Waits while another node sequences, instead of leaving it to that one. */
  readonly wait: boolean
  /** The newest checkpoint that this node has seen: the tree must go on from it. */
  readonly known: string | null
}

export interface Sequenced {
  readonly size: number
  /** The checkpoint for `size`. */
  readonly note: string
  /** Whether more records may be waiting that can be sequenced now. */
  readonly more: boolean
  /** What was settled; null when another node is at it. */
  readonly horizon: Horizon | null
}

/**
 * Takes the next records into the tree and signs the new root, all in one transaction of its own:
 * never in the one that wrote a record, which would make it wait. Two sequencers cannot fork the
 * log: on SQLite there is one writer, on PostgreSQL a lock; the transaction is `read-committed`.
 * Rejects with `AuditError` `forked`, and signs nothing, when the tree does not go on from `known`.
 */
export async function sequence(
  tx: Tx,
  { signer, wait, known }: SequenceOptions,
): Promise<Sequenced> {
  const mine = await takeSequencerLock(tx, wait)
  const tree = await tx.selectFrom('auditTree').selectAll().where('id', '=', 1).executeTakeFirst()
  if (!tree) throw new Error('The log has no tree: createAuditLog must run first.')
  if (known !== null) await checkContinues(tx, known)
  if (!mine)
    return { size: tree.size, note: await noteOf(tx, tree.size), more: false, horizon: null }
  const horizon = await horizonOf(tx)
  const waiting = await waitingRecords(tx, tree, horizon, sequenceBatch)
  const last = waiting.at(-1)
  // Every root that was ever reached is signed, so an unchanged tree has its note.
  if (!last) return { size: tree.size, note: await noteOf(tx, tree.size), more: false, horizon }
  const records = engineOf(tx) === 'sqlite' ? waiting : await withStepsBack(tx, tree.size, waiting)
  let frontier = readFrontier(tree.size, tree.frontier)
  const leaves = records.map((record, offset) => {
    const seq = tree.size + offset
    const hash = recordHash({ seq, time: record.time, salt: record.salt, body: record.body })
    frontier = appendLeaf(frontier, hash)
    return { seq, record: record.id, hash }
  })
  await insertLeaves(tx, leaves)
  const size = frontier.size
  const note = signer.sign(checkpointText(signer.name, size, frontierRoot(frontier)))
  await tx.insertInto('auditCheckpoint').values({ size, note }).execute()
  await tx
    .updateTable('auditTree')
    .set({ size, record: last.id, frontier: Buffer.concat(frontier.roots) })
    .where('id', '=', 1)
    .execute()
  await moveCursor(tx, last)
  return { size, note, more: waiting.length === sequenceBatch, horizon }
}

async function noteOf(tx: Tx, size: number): Promise<string> {
  const row = await tx
    .selectFrom('auditCheckpoint')
    .select('note')
    .where('size', '=', size)
    .executeTakeFirst()
  // A log that began this moment, and whose first records another node is about to sequence.
  if (!row && size === 0) return ''
  if (!row) throw new Error('The log lacks the checkpoint of its own size.')
  return row.note
}

/**
 * Puts a `clock.jumped` before each record that is older than the one before it: a clock was set
 * back, or two nodes differ. The rows lie below every cursor, so nothing takes them again.
 */
async function withStepsBack(
  tx: Tx,
  size: number,
  waiting: readonly Waiting[],
): Promise<readonly Waiting[]> {
  let time = await timeOf(tx, size - 1)
  const records: Waiting[] = []
  for (const record of waiting) {
    if (record.time < time - clockTolerance) records.push(await insertStepBack(tx, record.time))
    records.push(record)
    time = record.time
  }
  return records
}

async function timeOf(tx: Tx, seq: number): Promise<number> {
  const row = await tx
    .selectFrom('auditLeaf')
    .innerJoin('auditRecord', 'auditRecord.id', 'auditLeaf.record')
    .select('time')
    .where('seq', '=', seq)
    .executeTakeFirst()
  return row?.time ?? 0
}

async function insertStepBack(tx: Tx, time: number): Promise<Waiting> {
  const salt = randomBytes(16)
  const { rows } = await sql<{ id: number }>`
    insert into "auditRecord" ("time", "salt", "body", "xid")
    values (${time}, ${salt}, ${clockBack}, '0') returning "id"`.execute(tx)
  const [row] = rows
  if (!row) throw new Error('PostgreSQL gave no id.')
  return { id: row.id, time, salt, body: clockBack, xid: '0' }
}

function readFrontier(size: number, bytes: Uint8Array): Frontier {
  const roots = Array.from({ length: bytes.length / 32 }, (_, at) =>
    bytes.subarray(at * 32, at * 32 + 32),
  )
  return { size, roots }
}
