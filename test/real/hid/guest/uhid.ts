/* The events of Linux's /dev/uhid (include/uapi/linux/uhid.h), little-endian and packed. */

export const eventLength = 4 + 4376

const types = {
  destroy: 1,
  getReport: 9,
  getReportReply: 10,
  create: 11,
  input: 12,
  setReport: 13,
  setReportReply: 14,
} as const

export interface UhidIdentity {
  readonly name: string
  readonly serialNumber: string
  readonly vendorId: number
  readonly productId: number
  readonly descriptor: Uint8Array
}

export type UhidEvent =
  | { readonly type: 'get'; readonly id: number }
  /** `data` starts with the report id, 0 for unnumbered reports. */
  | { readonly type: 'set'; readonly id: number; readonly data: Uint8Array }
  | { readonly type: 'other' }

const usb = 3

export function createEvent(identity: UhidIdentity): Buffer {
  const event = head(types.create, 280 + identity.descriptor.length)
  event.write(identity.name, 4, 127)
  event.write(identity.serialNumber, 4 + 128 + 64, 63)
  event.writeUInt16LE(identity.descriptor.length, 260)
  event.writeUInt16LE(usb, 262)
  event.writeUInt32LE(identity.vendorId, 264)
  event.writeUInt32LE(identity.productId, 268)
  event.set(identity.descriptor, 280)
  return event
}

export const destroyEvent = (): Buffer => head(types.destroy, 4)

export function inputEvent(report: Uint8Array): Buffer {
  const event = head(types.input, 6 + report.length)
  event.writeUInt16LE(report.length, 4)
  event.set(report, 6)
  return event
}

/** `report` starts with the report id; `error` becomes EIO whatever its number. */
export function getReply(id: number, answer: Uint8Array | 'error'): Buffer {
  const report = answer === 'error' ? new Uint8Array() : answer
  const event = head(types.getReportReply, 12 + report.length)
  event.writeUInt32LE(id, 4)
  event.writeUInt16LE(answer === 'error' ? 5 : 0, 8)
  event.writeUInt16LE(report.length, 10)
  event.set(report, 12)
  return event
}

export function setReply(id: number, answer: 'ok' | 'error'): Buffer {
  const event = head(types.setReportReply, 10)
  event.writeUInt32LE(id, 4)
  event.writeUInt16LE(answer === 'error' ? 5 : 0, 8)
  return event
}

export function parseEvent(event: Buffer): UhidEvent {
  switch (event.readUInt32LE(0)) {
    case types.getReport:
      return { type: 'get', id: event.readUInt32LE(4) }
    case types.setReport: {
      const length = event.readUInt16LE(10)
      const data = Uint8Array.from(event.subarray(12, 12 + length))
      return { type: 'set', id: event.readUInt32LE(4), data }
    }
    default:
      return { type: 'other' }
  }
}

function head(type: number, length: number): Buffer {
  const event = Buffer.alloc(length)
  event.writeUInt32LE(type, 0)
  return event
}
