import { StoreError, type Database } from '../store/port.ts'
import { appendRecord } from './append.ts'
import type { AuditInput } from './events.ts'
import { exportLines } from './export.ts'
import type { AuditLog } from './port.ts'
import { sequence, sequenceBatch, type Sequenced } from './sequencer.ts'
import { noteSigner } from './signed-note.ts'

/** A checkpoint follows a record after so long at the latest, in ms. */
const checkpointTime = 1000

export interface AuditLogOptions {
  readonly db: Database
  /** Ed25519 seed of the checkpoints, 32 bytes, from the vault. */
  readonly seed: Uint8Array
  /** Unique name of this log, e.g. `lanyard.example/agent-1`: no white space, no `+`. */
  readonly origin: string
  /** Wall clock, ms since 1970. */
  readonly now: () => number
  /** Told when records could not be sequenced; they are safe and it is tried again. */
  readonly onTrouble?: (error: unknown) => void
}

export class AuditError extends Error {
  readonly code: 'other-key'
  /** What to do next, for the operator. */
  readonly advice: string
  constructor(code: 'other-key', message: string, advice: string) {
    super(message)
    this.name = 'AuditError'
    this.code = code
    this.advice = advice
  }
}

/** On a full disk the log opens, too: emergency access needs it. */
const atStart = { reserve: 'take' } as const

/** Fields that most events leave empty. */
const nobody = {
  actor: null,
  workstation: null,
  session: null,
  patient: null,
  assurance: null,
  purposeOfUse: null,
} as const

/**
 * Opens the log in `db`, or begins it with `log.started`. Goes on where any process stopped.
 * Rejects with `AuditError` when the log was signed with another key.
 */
export async function createAuditLog({
  db,
  seed,
  origin,
  now,
  onTrouble = () => {},
}: AuditLogOptions): Promise<AuditLog> {
  const signer = noteSigner(origin, seed)
  await db.write(async (tx) => {
    const tree = await tx.selectFrom('auditTree').select('key').executeTakeFirst()
    if (tree && tree.key !== signer.verifierKey)
      throw new AuditError(
        'other-key',
        `The log is signed with ${tree.key}, not with ${signer.verifierKey}.`,
        'Restore the signing key to the secret store, or move the data directory aside to begin a new log.',
      )
    if (tree) return
    const key = signer.verifierKey
    await tx
      .insertInto('auditTree')
      .values({ id: 1, key, size: 0, record: 0, frontier: new Uint8Array() })
      .execute()
    await appendRecord(tx, { ...nobody, event: 'log.started', outcome: 0, detail: { key } }, now())
  }, atStart)

  let timer: NodeJS.Timeout | null = null
  let pending = 0
  let running: Promise<Sequenced> | null = null
  let disposed = false

  /** Sequences until nothing waits; callers at the same time share one run and what comes after. */
  async function checkpoint(): Promise<Sequenced> {
    if (running) await running.catch(() => {})
    running ??= sequenceAll().finally(() => (running = null))
    return running
  }
  async function sequenceAll(): Promise<Sequenced> {
    for (;;) {
      pending = 0
      const result = await db.write((tx) => sequence(tx, signer), { reserve: 'share' })
      if (!result.more) return result
    }
  }
  function inBackground() {
    if (timer) clearTimeout(timer)
    timer = null
    checkpoint().catch((error: unknown) => {
      onTrouble(error)
      const over = error instanceof StoreError && (error.code === 'closed' || error.code === 'io')
      if (!over) later()
    })
  }
  function later() {
    if (disposed) return
    timer ??= setTimeout(inBackground, checkpointTime).unref()
  }
  // What a process that died had not sequenced yet.
  later()

  return {
    async append(tx, input) {
      await appendRecord(tx, input, now())
      // Runs behind the caller's transaction: the database has one writer at a time.
      if (++pending === sequenceBatch) inBackground()
      else later()
    },
    async checkpoint() {
      const { size, note } = await checkpoint()
      return { size, note }
    },
    async *export(by = {}) {
      const exported: AuditInput = {
        ...nobody,
        ...by,
        event: 'log.exported',
        outcome: 0,
        detail: {},
      }
      await db.write((tx) => appendRecord(tx, exported, now()))
      const { size } = await checkpoint()
      yield* exportLines(db, signer.verifierKey, size)
    },
    async dispose() {
      disposed = true
      if (timer) clearTimeout(timer)
      await checkpoint().catch(onTrouble)
    },
  }
}
