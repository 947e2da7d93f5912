import { openSync, read, readdirSync, readFileSync, writeSync } from 'node:fs'
import { eventLength, parseEvent, type UhidEvent } from './uhid.ts'

export interface UhidDevice {
  readonly write: (event: Uint8Array) => void
}

/**
 * The kernel's end of one virtual device. Its reading never ends by itself: the process that holds
 * one must be killed.
 */
export function openUhid(heed: (event: UhidEvent) => void): UhidDevice {
  const fd = openSync('/dev/uhid', 'r+')
  const buffer = Buffer.alloc(eventLength)
  function listen() {
    // Blocks a thread of the pool, not this one.
    read(fd, buffer, 0, buffer.length, null, (error) => {
      if (error) throw error
      heed(parseEvent(buffer))
      listen()
    })
  }
  listen()
  return { write: (event) => void writeSync(fd, event) }
}

/** The device node of the device with this serial number, null while there is none. */
export function hidrawPath(serialNumber: string): string | null {
  const name = readdirSync('/sys/class/hidraw').find((node) =>
    readFileSync(`/sys/class/hidraw/${node}/device/uevent`, 'utf8').includes(
      `HID_UNIQ=${serialNumber}\n`,
    ),
  )
  return name ? `/dev/${name}` : null
}
