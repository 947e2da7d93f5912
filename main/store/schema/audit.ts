import type { Generated } from 'kysely'

/** One event as it was written, in the transaction of its effect. Never changed. */
export interface AuditRecordTable {
  /** Ascends in the order of commits, without being the sequence number. */
  id: Generated<number>
  /** Wall clock, ms since 1970. */
  time: number
  /** 16 random bytes, so that a leaf does not give away its content to a guess. */
  salt: Uint8Array
  /** The event, canonical JSON (RFC 8785) of `auditInputSchema`. */
  body: string
}

/** A record's place in the Merkle tree. */
export interface AuditLeafTable {
  seq: number
  record: number
  hash: Uint8Array
}

/** The tree's right edge: everything needed to go on, in one row. */
export interface AuditTreeTable {
  id: 1
  /** `name+hash+key` of the log's signing key (C2SP signed-note). */
  key: string
  size: number
  /** Last record in the tree. */
  record: number
  /** Roots of the complete subtrees from left to right, 32 bytes each. */
  frontier: Uint8Array
}

/** A signed note (C2SP tlog-checkpoint) per size that was ever signed. */
export interface AuditCheckpointTable {
  size: number
  note: string
}

/** Tables of main/audit. */
export interface AuditTables {
  auditRecord: AuditRecordTable
  auditLeaf: AuditLeafTable
  auditTree: AuditTreeTable
  auditCheckpoint: AuditCheckpointTable
}
