import type { Verdict } from '../choices.ts'

export interface ReviewShown {
  readonly caseId: string
  readonly kind: 'fallback' | 'override'
  readonly actor: string
  readonly witness: string | null
  readonly workstation: string
  readonly patient: string | null
  readonly reason: string
  readonly note: string
  readonly startedAt: number
  readonly endedAt: number | null
  readonly dueAt: number
  readonly escalatesAt: number
  readonly verdict: Verdict | null
  readonly reviewer: string | null
}
