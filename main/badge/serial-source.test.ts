import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ReaderOptions } from './reader.ts'
import type { SerialPorts } from './serial-port.ts'
import { createSerialSource } from './serial-source.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lanyard-serial-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const optionsFor = (...paths: string[]): ReaderOptions => ({
  format: 'raw',
  profiles: [],
  ports: paths.map((path) => ({ path, protocol: 'lines', baudRate: 9_600 })),
  pollMs: 150,
  debounceMs: 1_000,
})
const portsThere = (...there: string[]): SerialPorts => ({
  exists: async (path) => there.includes(path),
  open: async () => Promise.reject(new Error('Error: Permission denied, cannot open')),
})

describe('serial readers', () => {
  test('are the ports of the policy that are there, under the names that it gives', async () => {
    const source = createSerialSource({ serial: portsThere('/dev/serial/by-id/usb-b') })
    const found = await source.list(optionsFor('/dev/ttyACM0', '/dev/serial/by-id/usb-b'))
    expect(found.map(({ key, identity }) => [key, identity.name, identity.kind])).toEqual([
      ['/dev/serial/by-id/usb-b', '/dev/serial/by-id/usb-b', 'serial'],
    ])
  })

  test('say what to do when the driver is missing, or a port may not be opened', async () => {
    const linux = createSerialSource({ serial: portsThere(), platform: 'linux' })
    expect(linux.advise(new Error('No native build was found for platform=linux'))).toMatch(
      /Reinstall Lanyard/,
    )
    expect(linux.advise('out of order')).toMatch(/cannot be listed: out of order/)
    expect(linux.advice.denied).toMatch(/udev rule .*usermod -aG dialout/)
    const windows = createSerialSource({ serial: portsThere(), platform: 'win32' })
    expect(windows.advice.denied).toMatch(/another program has it/)
  })
})

describe.runIf(process.platform === 'linux')('a port that comes or goes', () => {
  /** Waits for the watcher of the system, which tells in its own time. */
  async function watched(path: string) {
    const source = createSerialSource({ serial: portsThere(), platform: 'linux' })
    const changed = vi.fn<() => void>()
    const unwatch = source.watch(changed)
    await source.list(optionsFor(path))
    return { source, changed, unwatch }
  }

  test('is told, by the name that stays', async () => {
    const path = join(folder, 'usb-reader')
    const { changed, unwatch } = await watched(path)
    symlinkSync('/dev/null', path)
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1))
    unlinkSync(path)
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(2))
    unwatch()
  })

  test('is told though its folder comes with it, and goes with it', async () => {
    const path = join(folder, 'serial', 'by-id', 'usb-reader')
    const { source, changed, unwatch } = await watched(path)
    const look = () => source.list(optionsFor(path))
    const plug = async () => {
      changed.mockClear()
      mkdirSync(join(folder, 'serial', 'by-id'), { recursive: true })
      await vi.waitFor(() => expect(changed).toHaveBeenCalled())
      await look()
      changed.mockClear()
      symlinkSync('/dev/null', path)
      await vi.waitFor(() => expect(changed).toHaveBeenCalled())
    }
    await plug()
    changed.mockClear()
    rmSync(join(folder, 'serial'), { recursive: true })
    await vi.waitFor(() => expect(changed).toHaveBeenCalled())
    await look()
    await plug()
    unwatch()
  })

  test('is not confused with others, nor with what is written to it', async () => {
    const path = join(folder, 'ttyACM0')
    writeFileSync(path, '')
    const { changed, unwatch } = await watched(path)
    writeFileSync(join(folder, 'ttyACM1'), '')
    writeFileSync(path, 'something')
    unlinkSync(path)
    await vi.waitFor(() => expect(changed).toHaveBeenCalled())
    expect(changed).toHaveBeenCalledTimes(1)
    unwatch()
  })
})
