/** What the service says of a reader. */
export interface PcscStatus {
  /** `mute`: something lies there and gives no answer to reset. */
  readonly card: 'absent' | 'present' | 'mute'
  /** Another program holds the card alone; a connection would be refused. */
  readonly exclusive: boolean
  /** Another number: cards came or went meanwhile, even if nobody saw them go. */
  readonly count: number
}

/** A connection to the card in a reader, shared with other programs. One call at a time. */
export interface PcscCard {
  readonly atr: Uint8Array
  /**
   * The answer with its two status bytes. `command` must live longer than the call: native code
   * reads it. Rejects with an error for `classifyPcscError`; never settles when the driver hangs.
   */
  transmit(command: Uint8Array): Promise<Uint8Array>
  /** Leaves the card as it is. */
  disconnect(): Promise<void>
}

export interface PcscFollower {
  status(status: PcscStatus): void
  /** The reader, or the service with it, is gone; nothing follows. */
  gone(): void
}

/** A reader of the service until it is gone; one that comes back is another. */
export interface PcscReader {
  readonly name: string
  /** Tells the status, if known, at once, and then each that follows. Returns the end of following. */
  follow(follower: PcscFollower): () => void
  connect(): Promise<PcscCard>
}

export interface PcscPort {
  /**
   * Readers there are now, known by events and not by asking. Rejects when there is no service or no
   * library for it; the next call tries again.
   */
  list(): Promise<readonly PcscReader[]>
  /** A reader came, or the service went. Returns the end of watching. */
  watch(changed: () => void): () => void
}
