import { existsSync, watch as watchFolder, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { ReaderIdentity } from './card-data.ts'
import { hidErrorText } from './hid-errors.ts'
import type { SerialPortSetting } from './reader-messages.ts'
import type { FoundReader, ReaderSource } from './reader.ts'
import { classifySerialError } from './serial-errors.ts'
import type { SerialPorts } from './serial-port.ts'
import { startSerialReader } from './serial-reader.ts'

export interface SerialSourceOptions {
  readonly serial: SerialPorts
  readonly platform?: NodeJS.Platform
}

const models: Readonly<Record<SerialPortSetting['protocol'], string>> = {
  'elatec-simple': 'Elatec TWN4 (serial)',
  rfideas: 'RF IDeas pcProx Plus (serial)',
  lines: 'Serial reader',
}

/** The readers at the serial ports that the policy names, as far as the ports are there. */
export function createSerialSource({
  serial,
  platform = process.platform,
}: SerialSourceOptions): ReaderSource {
  const watchers = new Map<string, FSWatcher>()
  let changed: (() => void) | null = null
  let names = new Set<string>()

  /** Watches the folders that the ports are or will be in; Linux only, elsewhere the slow look must do. */
  function follow(ports: readonly SerialPortSetting[]) {
    if (platform !== 'linux' || !changed) return
    const missing = ports.map(({ path }) => nearest(path))
    names = new Set(missing.map(({ name }) => name))
    const folders = new Set(missing.map(({ folder }) => folder))
    for (const [folder, watcher] of watchers) {
      if (folders.has(folder)) continue
      watcher.close()
      watchers.delete(folder)
    }
    for (const folder of folders) if (!watchers.has(folder)) watch(folder)
  }

  function watch(folder: string) {
    try {
      // Every write to a port is a `change` of its file; only what comes and goes is a `rename`.
      const watcher = watchFolder(folder, (event, name) => {
        if (event !== 'rename' || (name !== null && !names.has(name) && name !== basename(folder)))
          return
        // The folder itself may be gone, and its watcher with it: the next look watches anew.
        if (name === basename(folder)) drop()
        changed?.()
      })
      const drop = () => {
        watcher.close()
        if (watchers.get(folder) === watcher) watchers.delete(folder)
      }
      watcher.on('error', drop)
      watchers.set(folder, watcher)
    } catch {
      // No watches left, or the folder went: the slow look must do.
    }
  }

  return {
    async list({ ports }) {
      follow(ports)
      const there = await Promise.all(ports.map(({ path }) => serial.exists(path)))
      return ports.filter((_port, index) => there[index]).map((setting) => found(serial, setting))
    },
    watch(listener) {
      changed = listener
      return () => {
        changed = null
        for (const watcher of watchers.values()) watcher.close()
        watchers.clear()
      }
    },
    advise(error) {
      const text = hidErrorText(error)
      return classifySerialError(error) === 'driver'
        ? `${text}. Reinstall Lanyard; its native module serialport is missing or of another system.`
        : `Serial ports cannot be listed: ${text}`
    },
    advice: {
      missing:
        'None of the serial ports that the policy names is there. Plug the reader in, or correct the path; on Linux the names in /dev/serial/by-id stay the same.',
      denied:
        platform === 'win32'
          ? 'The serial port may not be opened: another program has it. End that program, or give Lanyard another port.'
          : 'The serial port may not be opened. Install the udev rule 70-lanyard-readers.rules (assets/linux), or add the account to the group of the port: usermod -aG dialout <account>, then log in again.',
    },
  }
}

function found(serial: SerialPorts, setting: SerialPortSetting): FoundReader {
  const identity: ReaderIdentity = {
    kind: 'serial',
    model: models[setting.protocol],
    vendorId: null,
    productId: null,
    name: setting.path,
  }
  return {
    key: setting.path,
    identity,
    start: (context) => startSerialReader({ serial, setting, identity, context }),
  }
}

/** The innermost folder on the way to `path` that is there, and what is to appear in it. */
function nearest(path: string): { readonly folder: string; readonly name: string } {
  const folder = dirname(path)
  return existsSync(folder) || folder === path ? { folder, name: basename(path) } : nearest(folder)
}
