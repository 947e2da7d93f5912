import type { Database } from '../store/port.ts'
import { checkpointLine, headerLine, recordLine } from './record.ts'

const pageSize = 500

/**
 * The lines of an export up to the checkpoint of `size`, which must have been signed: header,
 * records in order, and each checkpoint behind the last record that it covers. A record that is
 * missing in the database is missing here, for the verifier to name.
 */
export async function* exportLines(
  db: Pick<Database, 'read'>,
  key: string,
  size: number,
): AsyncIterable<string> {
  yield headerLine(key, size)
  let previous = 0
  for (let from = 0; from < size; from += pageSize) {
    const to = Math.min(from + pageSize, size)
    const [records, checkpoints] = await Promise.all([
      readRecords(db, from, to),
      readCheckpoints(db, from, to),
    ])
    const notes = new Map(checkpoints.map((checkpoint) => [checkpoint.size, checkpoint.note]))
    const rows = new Map(records.map((record) => [record.seq, record]))
    for (let seq = from; seq < to; seq++) {
      const record = rows.get(seq)
      if (record) yield recordLine(record, record.hash)
      const note = notes.get(seq + 1)
      if (note === undefined) continue
      yield checkpointLine(note, previous)
      previous = seq + 1
    }
  }
}

const readRecords = (db: Pick<Database, 'read'>, from: number, to: number) =>
  db.read
    .selectFrom('auditLeaf')
    .innerJoin('auditRecord', 'auditRecord.id', 'auditLeaf.record')
    .select(['seq', 'time', 'salt', 'body', 'hash'])
    .where('seq', '>=', from)
    .where('seq', '<', to)
    .execute()

const readCheckpoints = (db: Pick<Database, 'read'>, from: number, to: number) =>
  db.read
    .selectFrom('auditCheckpoint')
    .select(['size', 'note'])
    .where('size', '>', from)
    .where('size', '<=', to)
    .execute()
