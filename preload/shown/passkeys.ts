import type { Incoming } from './people.ts'

export interface PasskeyShown {
  readonly passkeyId: string
  readonly name: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
  readonly synced: boolean
}

export type EnrolmentShown =
  | { readonly step: 'code'; readonly failure: 'code-invalid' | 'locked-out' | null }
  | { readonly step: 'preparing' }
  | {
      readonly step: 'waiting'
      readonly enrolmentId: string
      readonly person: Incoming
      readonly options: Readonly<Record<string, unknown>>
    }
  | { readonly step: 'saving' }
  | { readonly step: 'done'; readonly name: string }
  | {
      readonly step: 'failed'
      readonly failure:
        | 'cancelled'
        | 'timed-out'
        | 'no-passkey'
        | 'unsupported'
        | 'expired'
        | 'invalid'
        | 'not-verified'
        | 'already-enrolled'
        | 'verify-again'
        | 'offline'
        | 'log-unavailable'
    }
