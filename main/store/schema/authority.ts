import type { Generated } from 'kysely'

/** 0 or 1: SQLite binds no booleans. */
type Flag = 0 | 1
/** A JSON text. */
type Json = string

export interface PersonTable {
  readonly person_id: string
  given: string
  family: string
  role: string
  /** WebAuthn user handle, 32 random bytes as base64url: says nothing about the person. */
  readonly user_handle: string
  /** Application ids. */
  applications: Json
  patient: string | null
  /** Shifts as `[{from, to}]` in ms; null: none is known. */
  roster: Json | null
  /** The directory says that they work here no more: nothing of theirs works, and nothing is deleted. */
  disabled_at: Generated<number | null>
}

/** One identity of a card. A row is assigned again once its badge was detached or its loan is over. */
export interface BadgeTable {
  /** HMAC of the canonical identity under the badge key; the raw identity is nowhere. */
  readonly tag: string
  readonly key_version: number
  /** New with every assignment. */
  badge_id: string
  /** Shared by the chips of one card; new with every assignment of a card. */
  card_id: string
  person_id: string
  /** To whom the directory gave it: while it names the same, loading it again changes nothing. */
  directory_person_id: string | null
  name: string
  kind: 'permanent' | 'loaner'
  /**
   * A badge found with two people is `conflicting` and identifies nobody until IT decides. Whether a
   * loan is over is said by `ends_at`, not by this.
   */
  status: 'active' | 'lost' | 'detached' | 'conflicting'
  /** `WIEGAND H10301`, never a number; empty: not known before its next tap. */
  technology: string
  /** 1: of the stock of loaners; it can only ever be a loaner again. */
  stock: Flag
  assigned_at: number
  /** End of a loan. */
  ends_at: number | null
  last_seen_at: number | null
  last_seen_workstation_id: string | null
  last_seen_workstation_name: string | null
}

/** A person's badge in the making: two taps that agree, then a passkey. */
export interface BadgeEnrolmentTable {
  readonly enrolment_id: string
  readonly person_id: string
  readonly session_id: string
  readonly workstation_id: string
  readonly tag: string
  readonly technology: string
  readonly first_tap_id: string
  /** 1: the second tap agreed. */
  confirmed: Flag
  loaner_only: Flag
  expires_at: number
  used_at: number | null
}

/** What a person is told of their badges, passkeys, seats and of who vouched for them (R16), until they answer. */
export interface NoticeTable {
  readonly notice_id: string
  readonly person_id: string
  readonly kind:
    | 'badge-added'
    | 'badge-detached'
    | 'lost-badge-used'
    | 'badge-claimed'
    | 'badge-travelled'
    | 'passkey-added'
    | 'passkey-removed'
    | 'seat-unsecured'
    | 'seat-secured'
    | 'vouched-for'
  readonly at: number
  /** Name of the workstation. */
  readonly place: string
  /** Card id, passkey id or session id. */
  readonly about: string
  /**
   * Session of the person in which it was done, and when that was verified last: it is not told there
   * before its person has verified anew, or whoever found it open could wave the notice away.
   */
  session_id: string | null
  verified_at: number | null
  answered_at: number | null
  answer: 'seen' | 'disputed' | null
}

/** Taps that identified a person, so that a later call can only follow a real one. */
export interface TapTable {
  readonly workstation_id: string
  readonly tap_id: string
  readonly person_id: string
  readonly purpose: string
  readonly expires_at: number
  used_at: number | null
}

/** Challenges handed out for assertions; each is consumed by the first answer, right or wrong. */
export interface CeremonyTable {
  readonly ceremony_id: string
  readonly challenge: string
  readonly purpose: string
  readonly workstation_id: string
  /** Null: usernameless, whoever holds the passkey. */
  readonly person_id: string | null
  readonly tap_id: string | null
  readonly expires_at: number
  used_at: number | null
}

export interface PasskeyTable {
  /** Credential id, base64url. */
  readonly passkey_id: string
  readonly person_id: string
  readonly name: string
  readonly public_key: Uint8Array
  counter: number
  readonly transports: Json
  readonly backup_eligible: Flag
  backed_up: Flag
  readonly aaguid: string
  failed_attempts: number
  readonly created_at: number
  last_used_at: number | null
  revoked_at: number | null
}

export interface EnrolmentCodeTable {
  /** HMAC of the code. */
  readonly code_hash: string
  readonly person_id: string
  readonly expires_at: number
  used_at: number | null
}

export interface EnrolmentTable {
  readonly enrolment_id: string
  readonly challenge: string
  readonly person_id: string
  readonly workstation_id: string
  /** What allowed it: a code, or one's own session. */
  readonly code_hash: string | null
  readonly session_id: string | null
  readonly expires_at: number
  used_at: number | null
}

/** Wrong enrolment codes per workstation. */
export interface EnrolmentFailureTable {
  readonly workstation_id: string
  readonly at: number
}

export interface SessionTable {
  readonly session_id: string
  readonly person_id: string
  readonly workstation_id: string
  readonly workstation_name: string
  readonly kind: 'standard' | 'fallback'
  readonly scope: 'full' | 'reduced'
  aal: number
  amr: Json
  verified_at: number
  readonly started_at: number
  /** Hard end. */
  readonly ends_at: number
  last_activity_at: number
  shielded_at: number | null
  readonly applications: Json
  readonly patient: string | null
  readonly witness_id: string | null
  ended_at: number | null
  end_reason: string | null
  cleared_at: number | null
  /** Session at another workstation that goes on in this one. */
  readonly continues: string | null
}

export interface FallbackRequestTable {
  readonly request_id: string
  readonly person_id: string
  readonly workstation_id: string
  readonly reason: string
  readonly note: string
  readonly requested_at: number
  readonly expires_at: number
  status: 'open' | 'approved' | 'declined'
}

export interface OverrideTable {
  readonly override_id: string
  /** Follows the session to another workstation. */
  session_id: string
  readonly person_id: string
  readonly patient: string
  readonly reason: string
  readonly started_at: number
  readonly ends_at: number
  ended_at: number | null
}

export interface ReviewCaseTable {
  readonly case_id: string
  readonly kind: 'fallback' | 'override'
  readonly person_id: string
  readonly witness_id: string | null
  readonly session_id: string
  readonly workstation_name: string
  readonly patient: string | null
  readonly reason: string
  readonly note: string
  readonly started_at: number
  ended_at: number | null
  readonly due_at: number
  escalates_at: number
  verdict: string | null
  verdict_note: string | null
  reviewer_id: string | null
  decided_at: number | null
}

/** Tables of main/authority, besides oauth. */
export interface AuthorityTables {
  people: PersonTable
  badges: BadgeTable
  badge_enrolments: BadgeEnrolmentTable
  notices: NoticeTable
  taps: TapTable
  ceremonies: CeremonyTable
  passkeys: PasskeyTable
  enrolment_codes: EnrolmentCodeTable
  enrolments: EnrolmentTable
  enrolment_failures: EnrolmentFailureTable
  sessions: SessionTable
  fallback_requests: FallbackRequestTable
  overrides: OverrideTable
  review_cases: ReviewCaseTable
}
