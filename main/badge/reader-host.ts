import { createHash } from 'node:crypto'
import type { FoundReader, InspectMode, Reader, ReaderOptions, ReaderSource } from './reader.ts'
import type { ReaderCommand, ReaderMessage, ReaderState } from './reader-messages.ts'
import { createStopper } from './stopper.ts'

/** Enumeration is costly on some systems, so it runs often only while there is no reader. */
const searchMs = 2_000
const searchBesideMs = 10_000
/** Device nodes get their rights a moment after they appear. */
const settleMs = 250

export interface ReaderHostOptions {
  readonly source: ReaderSource
  readonly now: () => number
  readonly send: (message: ReaderMessage) => void
}

/** Finds the readers of one transport, keeps a driver for each, and says what becomes of them. */
export function createReaderHost({ source, now, send }: ReaderHostOptions) {
  const stopper = createStopper()
  const readers = new Map<string, { readonly reader: Reader; readonly found: FoundReader }>()
  const lost = new Set<string>()
  const said = new Map<string, string>()
  let options: ReaderOptions | null = null
  let avoid: readonly string[] = []
  let mode: InspectMode = 'off'
  let searching = false
  let lookNow = false
  let unwatch = () => {}

  function say(reader: string, model: string, state: ReaderState, detail: string) {
    const line = `${state} ${detail}`
    if (said.get(reader) === line) return
    said.set(reader, line)
    send({ type: 'reader', reader, model, state, detail })
  }

  function open(found: FoundReader, id: string, withOptions: ReaderOptions) {
    const { model } = found.identity
    send({ type: 'opening', reader: id })
    let opening = true
    const opened = () => {
      if (opening) send({ type: 'opened', reader: id })
      opening = false
    }
    const reader = found.start({
      options: withOptions,
      inspect: mode,
      now,
      report: {
        health(state, detail) {
          if (state === 'ready') opened()
          say(id, model, state, detail)
        },
        presence: (event) => send({ ...event, reader: id }),
        inspection: (inspection, badge) =>
          send({ type: 'inspection', inspection: { ...inspection, reader: id }, badge }),
        quality: (count) => send({ type: 'quality', reader: id, model, ...count }),
      },
    })
    readers.set(id, { reader, found })
    void bury(reader, id, model).then(opened)
  }

  async function bury(reader: Reader, id: string, model: string): Promise<void> {
    const end = await reader.ended
    if (end === 'stopped') return
    readers.delete(id)
    lost.add(id)
    if (end === 'unplugged')
      say(id, model, 'unplugged', 'The reader was unplugged. Plug it in again.')
    if (end === 'denied') say(id, model, 'permission-denied', source.advice.denied)
  }

  async function look(withOptions: ReaderOptions): Promise<void> {
    try {
      const all = await source.list(withOptions)
      if (stopper.stopped) return
      for (const found of all) {
        const id = readerId(found.key)
        if (readers.has(id)) continue
        if (avoid.includes(id)) {
          say(id, found.identity.model, 'silent', brokeDown)
          continue
        }
        lost.delete(id)
        open(found, id, withOptions)
      }
      if (all.length === 0 && lost.size === 0) say('none', '', 'missing', source.advice.missing)
    } catch (error) {
      say('none', '', source.stateOf?.(error) ?? 'driver-missing', source.advise(error))
    }
  }

  async function search(first: ReaderOptions): Promise<void> {
    unwatch = source.watch(() => {
      lookNow = true
      stopper.wake()
    })
    let lookedAt = -Infinity
    while (!stopper.stopped) {
      const due = now() - lookedAt >= (readers.size === 0 ? searchMs : searchBesideMs)
      if (due || lookNow) {
        if (lookNow) await stopper.pause(settleMs)
        lookNow = false
        lookedAt = now()
        await look(options ?? first)
      }
      await stopper.sleep(searchMs)
    }
  }

  say('none', '', 'starting', 'Looking for readers.')

  return {
    obey(command: Exclude<ReaderCommand, { type: 'stop' }>): void {
      switch (command.type) {
        case 'configure': {
          const { format, profiles, ports, pollMs, debounceMs } = command
          options = { format, profiles, ports, pollMs, debounceMs }
          avoid = command.avoid
          for (const { reader } of readers.values()) reader.configure(options)
          if (!searching) void search(options)
          searching = true
          return
        }
        case 'feedback':
          return readers.get(command.reader)?.reader.feedback(command.signal)
        case 'inspect':
          mode = command.on ? (command.reveal ? 'revealed' : 'masked') : 'off'
          for (const { reader } of readers.values()) reader.inspect(mode)
          return
        case 'resync':
          for (const { reader } of readers.values()) reader.resync()
      }
    },
    /** Gives all readers back; `hung` when one of them did not let go. */
    async stop(): Promise<{ readonly hung: boolean }> {
      stopper.stop()
      unwatch()
      const outcomes = await Promise.all([...readers.values()].map(({ reader }) => reader.stop()))
      return { hung: outcomes.some(({ hung }) => hung) }
    },
  }
}

const brokeDown =
  'Its driver broke down when it was opened. It is left alone for a while; unplug it, or install its driver again.'

/** A reader's key, hashed: a path or a serial number does not get into logs. */
export const readerId = (key: string): string =>
  createHash('sha256').update(key).digest('hex').slice(0, 12)
