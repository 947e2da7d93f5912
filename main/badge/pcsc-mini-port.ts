import { setTimeout as pause } from 'node:timers/promises'
import type * as Module from 'pcsc-mini'
import type { Client, Reader } from 'pcsc-mini'
import type { PcscCard, PcscFollower, PcscPort, PcscReader, PcscStatus } from './pcsc-port.ts'

type Pcsc = typeof Module

interface Kept {
  readonly reader: PcscReader
  status(status: PcscStatus): void
  gone(): void
}

/** Readers that are there when the service is found tell so within this time. */
const settleMs = 200

/**
 * The system's PC/SC service. pcsc-mini is loaded with the first call, so a missing library rejects
 * `list`; a module that failed to load fails again until the process is new. Its thread waits in the
 * service for changes and wakes for nothing else. It follows at most four readers.
 */
export function createPcscMiniPort(): PcscPort {
  const watchers = new Set<() => void>()
  const readers = new Map<string, Kept>()
  /** Never freed: native calls of theirs may still be under way. */
  const former: Client[] = []
  let idle: Client | null = null
  let running: Promise<Client> | null = null

  const tell = () => {
    for (const changed of watchers) changed()
  }

  /** Its thread ended, or it has lost an event: from here on it cannot be believed, nor restarted. */
  function lose(client: Client) {
    if (former.includes(client)) return
    former.push(client)
    running = null
    const lost = [...readers.values()]
    readers.clear()
    try {
      client.stop()
    } catch {
      // Refused for a context that went with the service.
    }
    for (const kept of lost) kept.gone()
    tell()
  }

  function add(pcsc: Pcsc, client: Client, reader: Reader) {
    const kept = keep(pcsc, reader, () => lose(client))
    readers.set(reader.name(), kept)
    reader.on('change', ({ raw }) => kept.status(statusOf(pcsc, raw)))
    reader.on('disconnect', () => {
      if (readers.get(reader.name()) === kept) readers.delete(reader.name())
      kept.gone()
    })
    tell()
  }

  async function start(): Promise<Client> {
    const pcsc = await import('pcsc-mini')
    if (!idle) {
      const made = new pcsc.Client()
      made.on('reader', (reader) => add(pcsc, made, reader))
      made.on('error', () => lose(made))
      idle = made
    }
    const client = idle.start()
    idle = null
    await pause(settleMs)
    return client
  }

  return {
    async list() {
      const starting = (running ??= start())
      try {
        await starting
      } catch (error) {
        if (running === starting) running = null
        throw error
      }
      return [...readers.values()].map(({ reader }) => reader)
    },
    watch(changed) {
      watchers.add(changed)
      return () => void watchers.delete(changed)
    },
  }
}

function keep(pcsc: Pcsc, reader: Reader, exhausted: () => void): Kept {
  const followers = new Set<PcscFollower>()
  let last: PcscStatus | null = null
  let isGone = false
  return {
    reader: {
      name: reader.name(),
      follow(follower) {
        if (isGone) {
          follower.gone()
          return () => {}
        }
        followers.add(follower)
        if (last) follower.status(last)
        return () => void followers.delete(follower)
      },
      connect: () => connect(pcsc, reader, exhausted),
    },
    status(status) {
      last = status
      for (const follower of followers) follower.status(status)
    },
    gone() {
      isGone = true
      for (const follower of followers) follower.gone()
      followers.clear()
    },
  }
}

async function connect(pcsc: Pcsc, reader: Reader, exhausted: () => void): Promise<PcscCard> {
  const card = await reader.connect(pcsc.CardMode.SHARED).catch((error: unknown) => {
    // A connection that could not be ended keeps its place of four; a new client has all.
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('TooMany'))
      exhausted()
    throw error
  })
  const disconnect = () => card.disconnect(pcsc.CardDisposition.LEAVE)
  try {
    // The ATR of its events is wrong in 0.1.3, but for its length.
    const { atr } = await card.state()
    return {
      atr: Uint8Array.from(atr),
      transmit: async (command) => Uint8Array.from(await card.transmit(command)),
      disconnect,
    }
  } catch (error) {
    await disconnect().catch(() => {})
    throw error
  }
}

/** The upper half of the word counts cards that came and went, on Windows and in pcsc-lite. */
function statusOf({ ReaderStatus }: Pcsc, raw: number): PcscStatus {
  const has = (flag: number) => (raw & flag) !== 0
  return {
    card: has(ReaderStatus.PRESENT) ? (has(ReaderStatus.MUTE) ? 'mute' : 'present') : 'absent',
    exclusive: has(ReaderStatus.EXCLUSIVE),
    count: raw >>> 16,
  }
}
