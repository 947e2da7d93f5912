/** What enumeration says of one HID interface; the same names as node-hid's. */
export interface HidDeviceInfo {
  readonly path: string
  readonly vendorId: number
  readonly productId: number
  readonly serialNumber: string
  readonly product: string
  /** Of the collection (HID usage tables); 0 where the system does not tell. */
  readonly usagePage: number
  readonly usage: number
}

/**
 * One open device. Every method can reject with a plain string instead of an Error: node-hid does
 * (facts of 3.4.0), so callers classify with `classifyHidError`. Calls queue in order behind each
 * other, and one that the device never answers holds up all later ones, `close` included.
 */
export interface HidHandle {
  /** `report` starts with the report id (0 for unnumbered reports). */
  sendFeatureReport(report: Uint8Array): Promise<void>
  /** `length` counts the report id; what arrives can be shorter or longer. */
  getFeatureReport(id: number, length: number): Promise<Uint8Array>
  /** Identity of what is really open: a path can be reused by another device. */
  info(): Promise<HidDeviceInfo>
  /** Input reports, as they come; those that waited since before are among them. */
  onReport(listener: (report: Uint8Array) => void): void
  close(): Promise<void>
  /** Errors that no call asked for. Without a listener node-hid would end the process. */
  onError(listener: (error: unknown) => void): void
}

/** How a watch ended. */
export interface Watched {
  /** When the last empty answer was read, monotonic ms; null: there was none. */
  readonly emptyAt: number | null
  /** `answered`: the last answer was not all zeros, and must be read again to be believed. */
  readonly ended: 'answered' | 'over'
}

/** A device that is asked again and again, in a thread of its own. */
export interface PolledHandle extends Omit<HidHandle, 'onReport'> {
  /**
   * Sends `request` and reads report 0 every `everyMs`, until the answer is not all zeros,
   * `interrupt` or another request ends it, or some time has passed. Rejects as the requests do.
   */
  watch(options: {
    readonly request: Uint8Array
    readonly length: number
    readonly everyMs: number
  }): Promise<Watched>
  interrupt(): void
  /** Odd while the driver is in a request; the same odd number twice: it is still in that one. */
  requests(): number
}

export interface HidPort {
  /** Rejects when the driver cannot be loaded. */
  list(): Promise<readonly HidDeviceInfo[]>
  open(path: string): Promise<HidHandle>
  /** For readers that must be polled; where it is missing, `open` serves them at more cost. */
  openPolled?(path: string): Promise<PolledHandle>
}
