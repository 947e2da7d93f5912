import type { ReaderCore } from './reader-core.ts'
import type { SerialLink } from './serial-link.ts'

/** What the driver of a protocol gets to work with. */
export interface SerialProtocolContext {
  readonly link: SerialLink
  readonly core: ReaderCore
  /** Monotonic ms. */
  readonly now: () => number
}

/** One protocol on one open port. Requests reject with a `SerialRequestError`. */
export interface SerialProtocol {
  /**
   * Makes sure that the reader is there and that the next answer is the one to the next request; at
   * the start, and after every failure. Resolves to what it is, for the log.
   */
  begin(): Promise<string>
  /** Looks once, and tells the core. */
  poll(): Promise<void>
  /** `never`: the reader speaks by itself. */
  readonly pollMs: 'as set' | 'never'
  lamp(signal: 'accepted' | 'refused' | 'off'): Promise<void>
  /** What lies in the field now is no tap. */
  resync(): void
  /** Gives the reader back as it was found. */
  restore(): Promise<void>
}
