import type { Proof } from './proof.ts'

/** A card of one's own; its second chip, if any, is part of it. */
export interface BadgeShown {
  readonly cardId: string
  readonly name: string
  readonly kind: 'permanent' | 'loaner'
  readonly status: 'active' | 'lost' | 'conflicting'
  /** One line per identity: `WIEGAND H10301`. */
  readonly technologies: readonly string[]
  readonly assignedAt: number
  readonly endsAt: number | null
  readonly lastSeenAt: number | null
  readonly lastSeenWhere: string | null
}

export type BadgeEnrolmentShown =
  | { readonly step: 'first-tap' }
  | { readonly step: 'second-tap'; readonly until: number }
  /** A tap is being asked about. */
  | { readonly step: 'checking' }
  | {
      readonly step: 'form'
      readonly loanerOnly: boolean
      /** It is the second chip of this card: neither name nor kind is asked for. */
      readonly sameCard: string | null
      /** Cards that it may replace. */
      readonly replaceable: readonly BadgeShown[]
    }
  | { readonly step: 'proof'; readonly proof: Proof }
  | { readonly step: 'done'; readonly kind: 'permanent' | 'loaner'; readonly endsAt: number | null }
  | {
      readonly step: 'failed'
      readonly failure:
        | 'unfit'
        | 'taken'
        | 'yours'
        | 'emergency'
        | 'differs'
        | 'expired'
        | 'loaner-only'
        | 'not-found'
        | 'two-badges'
        | 'offline'
        | 'log-unavailable'
    }
