import { setTimeout as delay } from 'node:timers/promises'
import { engineOf } from '../store/engine.ts'
import { StoreError, type Database } from '../store/port.ts'
import { appendRecord } from './append.ts'
import { AuditError } from './audit-error.ts'
import type { AuditInput } from './events.ts'
import { exportLines } from './export.ts'
import { adoptRestored, horizonOf, takeSequencerLock } from './horizon.ts'
import { checkContinues, type KeptCheckpoint } from './kept-checkpoint.ts'
import type { AuditLog } from './port.ts'
import { sequence, sequenceBatch, type Sequenced } from './sequencer.ts'
import { noteSigner } from './signed-note.ts'

export interface AuditLogOptions {
  readonly db: Database
  /** Ed25519 seed of the checkpoints, 32 bytes, from the vault. */
  readonly seed: Uint8Array
  /** Unique name of this log, e.g. `lanyard.example/agent-1`: no white space, no `+`. */
  readonly origin: string
  /** Wall clock, ms since 1970. */
  readonly now: () => number
  /** A checkpoint follows a record after so long at the latest, in ms; left out: a second. */
  readonly checkpointTime?: number
  /** Told when records could not be sequenced; they are safe and it is tried again. */
  readonly onTrouble?: (error: unknown) => void
  /** Makes a database that was put back to an older state known as such. */
  readonly keptCheckpoint?: KeptCheckpoint
}

const keptNowhere: KeptCheckpoint = { read: async () => null, write: async () => {} }

/** How long a transaction that was begun before may keep a checkpoint waiting, in ms. */
const settleTimeout = 15_000

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
 * Rejects with `AuditError` when the log was signed with another key, or does not go on
 * from the checkpoint that was kept.
 */
export async function createAuditLog({
  db,
  seed,
  origin,
  now,
  checkpointTime = 1000,
  onTrouble = () => {},
  keptCheckpoint = keptNowhere,
}: AuditLogOptions): Promise<AuditLog> {
  const signer = noteSigner(origin, seed)
  let known = await keptCheckpoint.read()
  await db.write(async (tx) => {
    const tree = await tx.selectFrom('auditTree').select('key').executeTakeFirst()
    if (tree && tree.key !== signer.verifierKey)
      throw new AuditError(
        'other-key',
        `The log is signed with ${tree.key}, not with ${signer.verifierKey}.`,
        'Restore the signing key to the secret store, or move the data directory aside to begin a new log.',
      )
    if (known !== null) await checkContinues(tx, known)
    if (tree) return
    const key = signer.verifierKey
    await tx
      .insertInto('auditTree')
      .values({ id: 1, key, size: 0, record: 0, frontier: new Uint8Array() })
      .execute()
    await appendRecord(tx, { ...nobody, event: 'log.started', outcome: 0, detail: { key } }, now())
  }, atStart)
  await db.write(
    async (tx) => {
      await takeSequencerLock(tx, true)
      await adoptRestored(tx)
    },
    { ...atStart, isolation: 'read-committed' },
  )

  let timer: NodeJS.Timeout | null = null
  let pending = 0
  let running: Promise<Sequenced> | null = null
  let disposed = false

  /** Sequences until nothing waits; callers at the same time share one run and what comes after. */
  async function checkpoint(wait: boolean): Promise<Sequenced> {
    if (running) await running.catch(() => {})
    running ??= sequenceAll(wait).finally(() => (running = null))
    return running
  }
  async function sequenceAll(wait: boolean): Promise<Sequenced> {
    for (;;) {
      pending = 0
      const options = { signer, wait, known }
      const result = await db.write((tx) => sequence(tx, options), {
        reserve: 'share',
        isolation: 'read-committed',
        // It is one write for hundreds.
        urgent: true,
      })
      if (result.more) continue
      await keep(result)
      return result
    }
  }
  async function keep({ size, note }: Sequenced) {
    if (size === 0 || note === known) return
    known = note
    await keptCheckpoint.write(note).catch(onTrouble)
  }
  /** Until everything that was committed before is in the tree, whatever else is under way. */
  async function checkpointOfAll(): Promise<Sequenced> {
    const { next } = await horizonOf(db.read)
    for (const until = performance.now() + settleTimeout; ; await delay(10)) {
      const result = await checkpoint(true)
      if (result.horizon && result.horizon.oldest >= next) return result
      if (performance.now() > until)
        throw new StoreError(
          'busy',
          'A transaction that began before runs for too long to sequence the log.',
          'Look at pg_stat_activity for a transaction that does not end.',
        )
    }
  }
  function inBackground() {
    if (timer) clearTimeout(timer)
    timer = null
    checkpoint(false).then(
      ({ horizon }) => {
        // What another node left, or a transaction that still runs kept back.
        if (!horizon || horizon.oldest < horizon.next) later()
      },
      (error: unknown) => {
        onTrouble(error)
        if (!isFinal(error)) later()
      },
    )
  }
  /** SQLite keeps refusing after an I/O error; PostgreSQL goes on by itself. */
  function isFinal(error: unknown): boolean {
    if (error instanceof AuditError) return true
    if (!(error instanceof StoreError)) return false
    return error.code === 'closed' || (error.code === 'io' && engineOf(db.read) === 'sqlite')
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
      const { size, note } = await checkpointOfAll()
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
      const { size } = await checkpointOfAll()
      yield* exportLines(db, signer.verifierKey, size)
    },
    async dispose() {
      disposed = true
      if (timer) clearTimeout(timer)
      await checkpoint(false).catch(onTrouble)
    },
  }
}
