/** One open serial port. 8 data bits, no parity, 1 stop bit, no flow control. */
export interface SerialHandle {
  /** Resolves when the system has taken it; a port that takes nothing keeps it waiting. */
  write(data: Uint8Array): Promise<void>
  /** Bytes as they come; those that the system held since the port was opened are among them. */
  onData(listener: (chunk: Uint8Array) => void): void
  /** The port is gone, though nobody closed it: unplugged. */
  onClose(listener: () => void): void
  /** Errors that no call asked for. Without a listener they would end the process. */
  onError(listener: (error: unknown) => void): void
  /** What was not sent yet is dropped. */
  close(): Promise<void>
}

export interface SerialPorts {
  /** Whether there is such a port now. Rejects when the driver cannot be loaded. */
  exists(path: string): Promise<boolean>
  /** Rejects with what the system says; `classifySerialError` knows what it means. */
  open(path: string, baudRate: number): Promise<SerialHandle>
}
