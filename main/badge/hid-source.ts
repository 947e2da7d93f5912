import { watch as watchFolder } from 'node:fs'
import type { ReaderIdentity } from './card-data.ts'
import { classifyHidError, hidErrorText } from './hid-errors.ts'
import { findHidReaders, type HidModel } from './hid-models.ts'
import type { HidDeviceInfo, HidPort } from './hid-port.ts'
import { startInputReader } from './input-reader.ts'
import { startPcProx } from './pcprox-reader.ts'
import type { FoundReader, ReaderSource } from './reader.ts'

export interface HidSourceOptions {
  readonly hid: HidPort
  readonly platform?: NodeJS.Platform
  /** Folder in which the system makes the device nodes. */
  readonly deviceFolder?: string
}

/** USB readers of the HID class: RF IDeas by feature reports, scanners and stripe readers by input. */
export function createHidSource({
  hid,
  platform = process.platform,
  deviceFolder = '/dev',
}: HidSourceOptions): ReaderSource {
  return {
    async list() {
      return findHidReaders(await hid.list()).map(({ device, model }) => found(hid, device, model))
    },
    /** Linux tells of new device nodes; elsewhere the host's slow look must do. */
    watch(changed) {
      if (platform !== 'linux') return () => {}
      try {
        const watcher = watchFolder(deviceFolder, (_event, name) => {
          if (name === null || name.startsWith('hidraw')) changed()
        })
        watcher.on('error', () => watcher.close())
        return () => watcher.close()
      } catch {
        return () => {}
      }
    },
    advise: driverAdvice,
    advice: {
      missing: 'No known reader is plugged in. Plug one in; `lanyard doctor` lists what is known.',
      denied:
        'The reader may not be opened. Install the udev rule 70-lanyard-readers.rules (assets/linux), or add the account to the group of the device.',
    },
  }
}

function found(hid: HidPort, device: HidDeviceInfo, { kind, model }: HidModel): FoundReader {
  const { path, vendorId, productId } = device
  const identity: ReaderIdentity = { kind, model, vendorId, productId, name: '' }
  return {
    key: path,
    identity,
    start: (context) =>
      kind === 'pcprox'
        ? startPcProx({ hid, device, identity, context })
        : startInputReader({ hid, device, kind, identity, context }),
  }
}

function driverAdvice(error: unknown): string {
  const text = hidErrorText(error)
  if (classifyHidError(error) !== 'driver') return `Devices cannot be listed: ${text}`
  return text.includes('libusb') || text.includes('libudev')
    ? `${text}. Install it; on Debian: apt-get install libusb-1.0-0 libudev1`
    : `${text}. Reinstall Lanyard; its native module node-hid is missing or of another system.`
}
