/** Badges that were tapped at a workstation, so that it can know them when nobody answers. */
export interface SeenHereTable {
  readonly workstation_id: string
  /** As in `badges.tag`. */
  readonly tag: string
  person_id: string
  /** HMAC of the identity under the workstation's own key. */
  device_tag: string
  at: number
}

/** Every bundle that was issued, as long as a workstation may come back with it. */
export interface OfflineBundleTable {
  readonly bundle_id: string
  readonly workstation_id: string
  /** Hash of what it says, without its name and times. */
  readonly content: string
  readonly issued_at: number
  readonly expires_at: number
}

/** A workstation's journal of a time offline, as far as it is here. */
export interface OfflineJournalTable {
  readonly journal_id: string
  readonly workstation_id: string
  readonly begun_at: number
  /** Entries that are here, from 0 without a gap. */
  entries: number
  /** Hash of the last of them. */
  head: string
  /** Why no more is taken from it. */
  fault: string | null
  /** Told to be complete; what it brought has been settled. */
  settled_at: number | null
}

/** One entry that was taken over: its hash tells a repetition from a fork. */
export interface OfflineEntryTable {
  readonly journal_id: string
  readonly idx: number
  readonly hash: string
}

/** A session that was begun or changed offline, until it is settled and after. */
export interface OfflineSessionTable {
  readonly session_id: string
  readonly journal_id: string
  readonly person_id: string
  /** 1: it began offline. 0: it was live before, and changed. */
  readonly begun: 0 | 1
  /** Bundle by which it was begun or changed last. */
  bundle_id: string
  /** When its person proved to be there last, in the workstation's own words. */
  claimed_at: number
  /** Of the last assertion in it that the authority verified itself. */
  proven_at: number | null
  proven_passkey_id: string | null
  /** Why an assertion in it proved nothing. */
  doubt: string | null
  /** It ended offline. */
  ended_reason: string | null
  outcome: 'adopted' | 'ended' | null
  reason: string | null
}

/** Failed attempts at a workstation alone, in its own words; they count there only. */
export interface OfflineAttemptsTable {
  readonly workstation_id: string
  readonly passkey_id: string
  failed_attempts: number
  /** When it last failed; the person's next proof takes them back. */
  at: number
}

/** Tables of migrations 0009-offline and 0012-offline-attempts. */
export interface OfflineTables {
  seen_here: SeenHereTable
  offline_bundles: OfflineBundleTable
  offline_journals: OfflineJournalTable
  offline_entries: OfflineEntryTable
  offline_sessions: OfflineSessionTable
  offline_attempts: OfflineAttemptsTable
}
