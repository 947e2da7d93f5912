import type {
  PcscFollower,
  PcscPort,
  PcscReader,
  PcscStatus,
} from '../../../main/badge/pcsc-port.ts'

export interface FakeCard {
  /** Hex, as the answers are. */
  readonly atr: string
  readonly answer: (command: string) => string | Error | Promise<string>
}

export const pcscError = (code: string) => Object.assign(new Error(code), { code })

/** A reader of the service whose cards are made up. */
export function createFakeReader(name: string) {
  const followers = new Set<PcscFollower>()
  const asked: string[] = []
  let status: PcscStatus = { card: 'absent', exclusive: false, count: 0 }
  let card: FakeCard | null = null
  let refusal: Error | null = null
  let connections = 0

  function tell(next: Partial<PcscStatus>) {
    status = { ...status, ...next }
    for (const follower of followers) follower.status(status)
  }

  const reader: PcscReader = {
    name,
    follow(follower) {
      followers.add(follower)
      follower.status(status)
      return () => void followers.delete(follower)
    },
    async connect() {
      if (refusal) throw refusal
      if (!card) throw pcscError('NoSmartCard')
      const { atr, answer } = card
      connections += 1
      return {
        atr: Buffer.from(atr, 'hex'),
        async transmit(command) {
          const hex = Buffer.from(command).toString('hex')
          asked.push(hex)
          const reply = await answer(hex)
          if (reply instanceof Error) throw reply
          return Buffer.from(reply, 'hex')
        },
        async disconnect() {
          connections -= 1
        },
      }
    },
  }

  return {
    reader,
    asked,
    get connections() {
      return connections
    },
    /** Every connection is refused with this. */
    refuse(code: string | null) {
      refusal = code === null ? null : pcscError(code)
    },
    insert(next: FakeCard) {
      card = next
      tell({ card: 'present', count: status.count + 1 })
    },
    remove() {
      card = null
      tell({ card: 'absent', count: status.count + 1 })
    },
    /** One card takes the place of another before the service looks again. */
    swap(next: FakeCard) {
      card = next
      tell({ card: 'present', count: status.count + 2 })
    },
    tell,
    unplug() {
      for (const follower of followers) follower.gone()
      followers.clear()
    },
  }
}
export type FakeReader = ReturnType<typeof createFakeReader>

/** A service that can be absent. */
export function createFakePort() {
  const watchers = new Set<() => void>()
  let readers: readonly FakeReader[] = []
  let failure: Error | null = null
  let lists = 0
  const changed = () => {
    for (const watcher of watchers) watcher()
  }
  const pcsc: PcscPort = {
    async list() {
      lists += 1
      if (failure) throw failure
      return readers.map(({ reader }) => reader)
    },
    watch(watcher) {
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    },
  }
  return {
    pcsc,
    get lists() {
      return lists
    },
    has(...next: readonly FakeReader[]) {
      failure = null
      readers = next
    },
    fail(error: Error) {
      failure = error
      for (const reader of readers) reader.unplug()
      readers = []
    },
    changed,
  }
}
