import type { SiteFormat } from './formats/catalogue.ts'
import type { EnrolmentRefusal } from './enrolment-refusal.ts'
import type { Health } from './health.ts'
import type { Inspection } from './inspection.ts'
import type { ReaderIdentity } from './card-data.ts'
import type { SerialPortSetting } from './reader-messages.ts'
import type { SiteProfile } from './site-profile.ts'

/* What a driver of one reader is, whatever the reader. */

export interface ReaderOptions {
  readonly format: SiteFormat
  readonly profiles: readonly SiteProfile[]
  /** Serial ports with a reader. */
  readonly ports: readonly SerialPortSetting[]
  readonly pollMs: number
  readonly debounceMs: number
}

/** Why a reader's service ended; `denied`: it cannot be opened, `failed`: it does not do as asked. */
export type ReaderEnd = 'stopped' | 'unplugged' | 'denied' | 'failed'

/** Off: cards are taps. Otherwise what is seen is explained, with or without its digits. */
export type InspectMode = 'off' | 'masked' | 'revealed'

export type TapEvent =
  | {
      readonly type: 'tap'
      readonly badge: string
      readonly refusedAtEnrolment: EnrolmentRefusal | null
      readonly at: number
    }
  | { readonly type: 'gone'; readonly at: number }
  | { readonly type: 'two-badges'; readonly at: number }

export interface ReaderReport {
  health(health: Health, detail: string): void
  presence(event: TapEvent): void
  /** `badge`: for the authority to look up; null when there is none. */
  inspection(inspection: Omit<Inspection, 'reader'>, badge: string | null): void
  /** Failed readings became more frequent. */
  quality(count: { readonly failures: number; readonly readings: number }): void
}

/** What a driver gets to work with. */
export interface ReaderContext {
  readonly options: ReaderOptions
  readonly inspect: InspectMode
  /** Monotonic ms. */
  readonly now: () => number
  readonly report: ReaderReport
}

/** One reader in service. It was started by `FoundReader.start`. */
export interface Reader {
  /** Never rejects. Whatever the driver held is given back by then. */
  readonly ended: Promise<ReaderEnd>
  configure(options: ReaderOptions): void
  /** Green or red, where the reader has lamps. */
  feedback(signal: 'accepted' | 'refused'): void
  /** What lies in the field now is no tap. */
  resync(): void
  inspect(mode: InspectMode): void
  /**
   * Gives the reader back as it was found and closes it. `hung`: the driver answers nothing, and the
   * process must end by force.
   */
  stop(): Promise<{ readonly hung: boolean }>
}

/** A reader that is there and not open yet. */
export interface FoundReader {
  /** What it is keyed by, among all readers of its transport: the path, or the PC/SC name. */
  readonly key: string
  readonly identity: ReaderIdentity
  start(context: ReaderContext): Reader
}

/** Where readers of one transport are found. */
export interface ReaderSource {
  /** Readers there are now. Rejects with what the driver or service says. */
  list(options: ReaderOptions): Promise<readonly FoundReader[]>
  /** Calls `changed` when a look is worth while; returns the end of watching. Polls nothing busily. */
  watch(changed: () => void): () => void
  /** What to do about an error of `list`, and about a reader that may not be opened. */
  advise(error: unknown): string
  /** What an error of `list` makes of the transport; without it, and by default, `driver-missing`. */
  stateOf?(error: unknown): 'missing' | 'driver-missing' | 'permission-denied'
  readonly advice: { readonly missing: string; readonly denied: string }
}
