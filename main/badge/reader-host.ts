import { createHash } from 'node:crypto'
import { classifyHidError, hidErrorText } from './hid-errors.ts'
import type { HidDeviceInfo, HidPort } from './hid-port.ts'
import { startReader, type Reader, type ReaderOptions } from './reader.ts'
import type { ReaderCommand, ReaderMessage, ReaderState } from './reader-messages.ts'
import { findReaders, type ReaderProfile } from './reader-profiles.ts'
import { createStopper } from './stopper.ts'

/** Enumeration is costly on some systems, so it runs often only while there is no reader. */
const searchMs = 2_000
const searchForLostMs = 30_000

const advice = {
  starting: 'Looking for readers.',
  missing: 'No known reader is plugged in. Plug one in; `lanyard doctor` lists what is known.',
  unplugged: 'The reader was unplugged. Plug it in again.',
  denied:
    'The reader may not be opened. Install the udev rule 70-lanyard-readers.rules (assets/linux), or add the account to the group of the device.',
} as const

export interface ReaderHostOptions {
  readonly hid: HidPort
  readonly now: () => number
  readonly send: (message: ReaderMessage) => void
}

/** Finds readers, keeps one loop for each, and says what becomes of them. */
export function createReaderHost({ hid, now, send }: ReaderHostOptions) {
  const stopper = createStopper()
  const readers = new Map<string, Reader>()
  const lost = new Set<string>()
  const said = new Map<string, string>()
  let options: ReaderOptions | null = null
  let searching = false

  function say(reader: string, model: string, state: ReaderState, detail: string) {
    const line = `${state} ${detail}`
    if (said.get(reader) === line) return
    said.set(reader, line)
    send({ type: 'reader', reader, model, state, detail })
  }

  function open(device: HidDeviceInfo, profile: ReaderProfile, withOptions: ReaderOptions) {
    const id = readerId(device.path)
    const reader = startReader({
      hid,
      device,
      options: withOptions,
      now,
      report: {
        health: (state, detail) => say(id, profile.model, state, detail),
        presence: (event) => send({ ...event, reader: id }),
      },
    })
    readers.set(id, reader)
    void bury(reader, id, profile)
  }

  async function bury(reader: Reader, id: string, profile: ReaderProfile): Promise<void> {
    const end = await reader.ended
    if (end === 'stopped') return
    readers.delete(id)
    lost.add(id)
    if (end === 'unplugged') say(id, profile.model, 'unplugged', advice.unplugged)
    if (end === 'denied') say(id, profile.model, 'permission-denied', advice.denied)
  }

  async function look(withOptions: ReaderOptions): Promise<void> {
    try {
      const found = findReaders(await hid.list())
      if (stopper.stopped) return
      for (const { device, profile } of found) {
        const id = readerId(device.path)
        if (readers.has(id)) continue
        lost.delete(id)
        open(device, profile, withOptions)
      }
      if (found.length === 0 && lost.size === 0) say('none', '', 'missing', advice.missing)
    } catch (error) {
      say('none', '', 'driver-missing', driverAdvice(error))
    }
  }

  async function search(first: ReaderOptions): Promise<void> {
    let lookedAt = now()
    while (!stopper.stopped) {
      // One reader that is lost beside another that works is worth a look now and then.
      const due = lost.size > 0 && now() - lookedAt >= searchForLostMs
      if (readers.size === 0 || due) {
        lookedAt = now()
        await look(options ?? first)
      }
      await stopper.sleep(searchMs)
    }
  }

  say('none', '', 'starting', advice.starting)

  return {
    obey(command: Exclude<ReaderCommand, { type: 'stop' }>): void {
      switch (command.type) {
        case 'configure': {
          const { type: _, ...next } = command
          options = next
          for (const reader of readers.values()) reader.configure(next)
          if (!searching) void search(next)
          searching = true
          return
        }
        case 'feedback':
          return readers.get(command.reader)?.feedback(command.signal)
        case 'resync':
          for (const reader of readers.values()) reader.resync()
      }
    },
    /** Gives all readers back; `hung` when one of them did not let go. */
    async stop(): Promise<{ readonly hung: boolean }> {
      stopper.stop()
      const outcomes = await Promise.all([...readers.values()].map((reader) => reader.stop()))
      return { hung: outcomes.some(({ hung }) => hung) }
    },
  }
}

const readerId = (path: string): string =>
  createHash('sha256').update(path).digest('hex').slice(0, 12)

function driverAdvice(error: unknown): string {
  const text = hidErrorText(error)
  if (classifyHidError(error) !== 'driver') return `Devices cannot be listed: ${text}`
  return text.includes('libusb') || text.includes('libudev')
    ? `${text}. Install it; on Debian: apt-get install libusb-1.0-0 libudev1`
    : `${text}. Reinstall Lanyard; its native module node-hid is missing or of another system.`
}
