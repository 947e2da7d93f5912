export interface Ceremony {
  readonly ceremonyId: string
  /** PublicKeyCredentialRequestOptionsJSON or ...CreationOptionsJSON, for `@simplewebauthn/browser`. */
  readonly options: Readonly<Record<string, unknown>>
  readonly expiresAt: number
  /** Start without a further click (policy; the tap was the gesture). */
  readonly autoStart: boolean
}

export type Proof =
  /** Asking the authority for a challenge. */
  | { readonly step: 'preparing' }
  | { readonly step: 'waiting'; readonly ceremony: Ceremony }
  | { readonly step: 'checking' }
  | { readonly step: 'failed'; readonly failure: ProofFailure }

export type ProofFailure =
  | 'cancelled'
  | 'timed-out'
  | 'no-passkey'
  | 'unsupported'
  | 'wrong-person'
  | 'revoked'
  | 'not-verified'
  | 'locked-out'
  | 'refused'
  | 'offline'
  | 'log-unavailable'
