import type { ReaderIdentity } from './card-data.ts'
import { readPcscCard, type PcscReading } from './pcsc-card.ts'
import { classifyPcscError } from './pcsc-errors.ts'
import type { PcscReader, PcscStatus } from './pcsc-port.ts'
import { createReaderCore } from './reader-core.ts'
import type { InspectMode, Reader, ReaderContext, ReaderEnd } from './reader.ts'
import { createStopper, within } from './stopper.ts'

export interface StartPcscReaderOptions {
  readonly reader: PcscReader
  readonly identity: ReaderIdentity
  readonly context: ReaderContext
}

interface Event {
  /** `look`: what lies there is to be read again, for the test page. */
  readonly type: 'status' | 'look'
  readonly status: PcscStatus
  readonly at: number
  /** Nobody asked meanwhile that what lies there be no tap. */
  readonly isFresh: () => boolean
}

/** A request older than this is shown as silence, and its answer is no tap. */
const slowMs = 2_000
/** Before a card at the edge of the field, or in use by another program, is tried once more. */
const againMs = 150
/** Time for a request in flight at the end. */
const stopMs = 1_000

/**
 * Serves one PC/SC reader by what the service tells of it; asks nothing while nothing changes. A
 * request that is never answered holds up this reader and no other. No lamps: PC/SC has none, and
 * those of single makers need a connection that the card may be gone from.
 */
export function startPcscReader({ reader, identity, context }: StartPcscReaderOptions): Reader {
  const { now, report } = context
  const core = createReaderCore(identity, context)
  const stopper = createStopper()
  /** Ends what waits for the reader when it is gone. */
  const leaving = new Set<() => void>()
  const events: Event[] = []
  let mode: InspectMode = context.inspect
  let isUnplugged = false
  let asked = 0
  let ring = () => {}
  /** The latest from the service, and the one that was last acted upon. */
  let latest: PcscStatus | null = null
  let seen: PcscStatus | null = null
  /** With it the card came that lies there. */
  let came: Event | null = null
  /** A card lies there that another program holds. */
  let held = false

  function push(type: Event['type'], status: PcscStatus, fresh: boolean) {
    const before = asked
    events.push({ type, status, at: now(), isFresh: () => fresh && before === asked })
    ring()
  }

  /** Waits for the reader, and says so when it takes too long. */
  async function attend<T>(request: Promise<T>): Promise<T> {
    const slow = setTimeout(() => core.weigh({ type: 'waiting' }), slowMs)
    // Not a race against a promise that lives as long as the reader: it would keep every answer.
    const turn = Promise.withResolvers<T>()
    const leave = () => turn.reject(Object.assign(new Error('gone'), { code: 'UnknownReader' }))
    leaving.add(leave)
    if (isUnplugged) leave()
    request.then(turn.resolve, turn.reject)
    try {
      return await turn.promise
    } finally {
      leaving.delete(leave)
      clearTimeout(slow)
    }
  }

  async function read(): Promise<PcscReading> {
    const card = await attend(reader.connect())
    try {
      const transmit = (command: Uint8Array) => attend(card.transmit(command))
      return await readPcscCard({ atr: card.atr, transmit }, identity, core.options)
    } finally {
      await attend(card.disconnect()).catch(() => {})
    }
  }

  const over = () => stopper.stopped || isUnplugged
  const stillThere = ({ count }: PcscStatus) =>
    !isUnplugged && latest?.card === 'present' && latest.count === count

  /** Null: it could not be read, and what follows from that was done. */
  async function readTwice(status: PcscStatus): Promise<PcscReading | null> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await read()
      } catch (error) {
        const fault = classifyPcscError(error)
        if (over()) return null
        if (fault === 'denied') throw error
        if (attempt === 1 && stillThere(status)) {
          await stopper.pause(againMs)
          continue
        }
        if (fault === 'shared') held = stillThere(status)
        else if (stillThere(status)) core.weigh({ type: 'failed' })
        else core.weigh({ type: 'malformed' })
        return null
      }
    }
  }

  async function take({ status }: Event): Promise<void> {
    const reading = await readTwice(status)
    if (!reading) return
    const at = now()
    if (reading.type === 'card') {
      const isTap = came !== null && came.isFresh() && at - came.at <= slowMs
      return core.arrived(reading, at, { fresh: isTap })
    }
    core.weigh({ type: 'answered', badge: null })
    if (mode === 'off') return
    const result = { outcome: 'no-badge', reason: 'unreadable' } as const
    const { model } = identity
    const nothing = { transforms: [], candidates: [], profile: '' }
    report.inspection({ model, at, raw: reading.why, ...nothing, result }, null)
  }

  async function follow(event: Event): Promise<void> {
    const { type, status } = event
    if (type === 'look') return take(event)
    const before = seen
    seen = status
    const other = before === null || before.card === 'absent' || before.count !== status.count
    // A card that another took the place of before anybody saw it go.
    if (other || status.card === 'absent') {
      came = event
      held = false
      core.left(now())
    }
    if (status.card === 'mute' && (other || before.card !== 'mute'))
      return core.weigh({ type: 'malformed' })
    if (status.card !== 'present') return
    const waiting = held || other || before.card === 'mute'
    held = waiting && status.exclusive
    if (waiting && !held) await take(event)
  }

  async function run(): Promise<ReaderEnd> {
    core.opened('At the PC/SC service.')
    let first = true
    const unfollow = reader.follow({
      status(status) {
        latest = status
        push('status', status, !first)
        first = false
      },
      gone() {
        isUnplugged = true
        for (const leave of leaving) leave()
        ring()
      },
    })
    // What comes first tells what lies there already, however late it comes.
    try {
      while (!over()) {
        const event = events.shift()
        if (event) await follow(event)
        else await new Promise<void>((resolve) => (ring = resolve))
      }
      return stopper.stopped ? 'stopped' : 'unplugged'
    } catch {
      return stopper.stopped ? 'stopped' : 'denied'
    } finally {
      unfollow()
    }
  }

  const ended = run()

  return {
    ended,
    configure: (options) => core.configure(options),
    feedback() {},
    resync() {
      asked += 1
      core.resync()
    },
    inspect(next) {
      if (mode === next) return
      mode = next
      asked += 1
      core.inspect(next)
      if (next !== 'off' && latest?.card === 'present') push('look', latest, false)
    },
    async stop() {
      stopper.stop()
      ring()
      return { hung: (await within(stopMs, ended)) === 'late' }
    },
  }
}
