import type { Person } from './people.ts'

export interface SessionShown {
  readonly person: Person
  readonly kind: 'standard' | 'fallback'
  readonly aal: 0 | 1 | 2
  readonly verifiedAt: number
  /** Hard end of the session. */
  readonly endsAt: number
  /** A tap alone lifts the shield until then. */
  readonly tapGraceUntil: number
  readonly scope: 'full' | 'reduced'
  readonly witness: string | null
  readonly override: { readonly patient: string; readonly endsAt: number } | null
  readonly mayReview: boolean
  /** May open the test page for readers. */
  readonly mayTestReaders: boolean
  /** News about one's own badges and passkeys, unanswered, the newest first. */
  readonly notices: readonly NoticeShown[]
}

export interface NoticeShown {
  readonly noticeId: string
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
  readonly where: string
}

export interface ApplicationShown {
  readonly id: string
  readonly name: string
  readonly kind: 'ehr' | 'imaging' | 'other'
  readonly state: 'opening' | 'ready' | 'failed'
  readonly focused: boolean
}
