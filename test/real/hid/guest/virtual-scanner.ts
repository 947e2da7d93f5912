import * as uhid from './uhid.ts'
import { hidrawPath, openUhid } from './uhid-device.ts'

export interface VirtualScanner {
  plug(serialNumber: string): void
  unplug(): void
  /** One report with a bar code; `more`: its rest comes in the next. */
  scan(text: string, options?: { readonly more?: boolean }): void
  /** A report of its keyboard collection. */
  typeKey(usage: number): void
  path(): string | null
}

/**
 * A scanner in HID POS mode: a keyboard collection (report 1) and a bar code scanner collection
 * (report 2, 64 bytes) on one path. Invented for this test, after the manuals that
 * main/badge/pos-report.ts names.
 */
const descriptor = Buffer.from(
  '05010906a1018501050719e029e7150025017501950881021900296515002565750895068100c0' +
    '058c0902a1018502150026ff007508953f09fe8102c0',
  'hex',
)

const aim = ']C0'

/** Never ends its reading of /dev/uhid: the process that holds one must be killed. */
export function createVirtualScanner(): VirtualScanner {
  const { write } = openUhid(() => {})
  let serial: string | null = null
  return {
    plug(serialNumber) {
      if (serial !== null) this.unplug()
      serial = serialNumber
      const identity = { name: 'Virtual scanner', vendorId: 0x0c2e, productId: 0x0b61 }
      write(uhid.createEvent({ ...identity, serialNumber, descriptor }))
    },
    unplug() {
      serial = null
      write(uhid.destroyEvent())
    },
    scan(text, { more = false } = {}) {
      const report = Buffer.alloc(64)
      report[0] = 2
      report[1] = text.length
      report.write(aim + text, 2, 'latin1')
      report[63] = more ? 1 : 0
      write(uhid.inputEvent(report))
    },
    typeKey(usage) {
      write(uhid.inputEvent(Uint8Array.of(1, 0, usage, 0, 0, 0, 0, 0)))
      write(uhid.inputEvent(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0)))
    },
    path: () => (serial === null ? null : hidrawPath(serial)),
  }
}
