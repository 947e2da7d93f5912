/** A workstation as a machine. Its id is its OAuth client id and never changes. */
export interface WorkstationTable {
  readonly workstation_id: string
  name: string
  /** Ward or room. */
  place: string
  status: 'active' | 'disabled'
  readonly created_at: number
  disabled_at: number | null
  last_seen_at: number | null
}

/** One key of a workstation. Two are valid together while one takes over from the other. */
export interface WorkstationKeyTable {
  /** SHA-256 thumbprint (RFC 7638). */
  readonly key_id: string
  readonly workstation_id: string
  /** The public key, RFC 7517. */
  readonly jwk: string
  readonly created_at: number
  /** First token by it. */
  first_used_at: number | null
  /** The key that takes over from it. */
  replaced_by: string | null
  /** From then on it proves nothing any more. */
  retires_at: number | null
  /** Enrolled anew, or its rotation was begun again. */
  revoked_at: number | null
  /** Two machines used it; it does not rotate any more. */
  cloned_at: number | null
}

/** A token that lets one machine enrol once. */
export interface WorkstationEnrolmentTable {
  /** SHA-256 of the token, which has 128 random bits. */
  readonly token_hash: string
  readonly workstation_id: string
  readonly issued_at: number
  /** Account of the operating system that issued it. */
  readonly issued_by: string
  readonly expires_at: number
  used_at: number | null
  /** Key that was enrolled by it. */
  used_by: string | null
}

/** Access tokens, opaque and bound to a key (RFC 9449). */
export interface MachineTokenTable {
  /** SHA-256 of 256 random bits. */
  readonly token_hash: string
  readonly workstation_id: string
  readonly key_id: string
  readonly expires_at: number
}

/** Proofs and assertions that were used: a second use fails at the primary key. */
export interface UsedProofTable {
  readonly proof_hash: string
  /** From then on the proof is too old anyway. */
  readonly expires_at: number
}

/** Open connections of workstations to any node. */
export interface WorkstationConnectionTable {
  readonly connection_id: string
  readonly workstation_id: string
  readonly key_id: string
  /** Of the process that serves it. */
  readonly node_id: string
  /** Random, of the agent's process. */
  readonly instance: string
  readonly opened_at: number
  /** The workstation connected again: this one must be dead, or there are two machines. */
  superseded_at: number | null
}

/** Tables of migration 0006-machines. */
export interface MachinesTables {
  workstations: WorkstationTable
  workstation_keys: WorkstationKeyTable
  workstation_enrolments: WorkstationEnrolmentTable
  machine_tokens: MachineTokenTable
  used_proofs: UsedProofTable
  workstation_connections: WorkstationConnectionTable
}
