import type { ReaderIdentity } from './card-data.ts'
import { classifyHidError, hidErrorText } from './hid-errors.ts'
import type { HidModel } from './hid-models.ts'
import type { HidDeviceInfo, HidHandle, HidPort } from './hid-port.ts'
import { createCalm } from './input-reader-calm.ts'
import { createDrain } from './input-reader-drain.ts'
import { breakPos, noPos, readPos } from './pos-report.ts'
import { createReaderCore, type Reading } from './reader-core.ts'
import type { Reader, ReaderContext, ReaderEnd } from './reader.ts'
import { sameDevice } from './same-device.ts'
import { createSleepWatch } from './sleep-watch.ts'
import { within } from './stopper.ts'
import { readStripe } from './stripe-report.ts'

export interface StartInputReaderOptions {
  readonly hid: HidPort
  readonly device: HidDeviceInfo
  readonly kind: Exclude<HidModel['kind'], 'pcprox'>
  readonly identity: ReaderIdentity
  readonly context: ReaderContext
}

/** Time for giving the reader back at the end. */
const stopMs = 1_000

/**
 * Opens a bar code scanner or magnetic stripe reader and listens until it is stopped or unplugged.
 * Scanner, system and driver all keep reports that nobody read; whatever comes right after the
 * opening or a resync is read and dropped, so that only what was scanned from then on is a tap.
 */
export function startInputReader(options: StartInputReaderOptions): Reader {
  const { hid, device, kind, identity, context } = options
  const { now, report } = context
  const core = createReaderCore(identity, context)
  const read = createDecoder(kind)
  const calm = createCalm(core)
  const slept = createSleepWatch({ now })
  const drain = createDrain({ now, ended: () => read.breakOff() })
  let open: HidHandle | null = null
  const over = Promise.withResolvers<ReaderEnd>()

  function hear(bytes: Uint8Array) {
    const at = now()
    if (slept()) {
      read.breakOff()
      drain.start()
    }
    const reading = read.next(bytes, at)
    if (drain.draining || !reading) return
    core.swiped(reading, at)
    calm.stir()
  }

  async function fail(error: unknown): Promise<void> {
    const fault = classifyHidError(error)
    if (fault === 'denied') return over.resolve('denied')
    const gone = fault === 'gone' || !(await stillThere())
    if (gone) return over.resolve('unplugged')
    report.health('silent', `${hidErrorText(error)}. Unplug the reader and plug it in again.`)
    over.resolve('failed')
  }

  const stillThere = async () => {
    const devices = await hid.list().catch(() => [])
    return devices.some(({ path }) => path === device.path)
  }

  async function begin(): Promise<void> {
    if (isKeyboard(device)) throw new Error('It is a keyboard, and what is typed is not read')
    const handle = await hid.open(device.path)
    open = handle
    handle.onError((error) => void fail(error))
    if (!sameDevice(await handle.info(), device))
      throw new Error('no such device: the path was taken over')
    handle.onReport(hear)
    drain.start()
    core.opened('It tells each code once.')
  }

  const begun = begin().catch(fail)

  async function close(): Promise<void> {
    drain.stop()
    calm.stop()
    const handle = open
    open = null
    await handle?.close().catch(() => {})
  }

  const ended = over.promise.then(async (how) => {
    await within(stopMs, close())
    return how
  })

  return {
    ended,
    configure(next) {
      core.configure(next)
    },
    /** These readers beep by themselves when they have read something. */
    feedback() {},
    resync() {
      core.resync()
      read.breakOff()
      drain.start()
    },
    inspect(mode) {
      core.inspect(mode)
    },
    async stop() {
      // Once `ended` is settled nothing is said any more.
      if ((await within(stopMs, begun)) === 'late') return { hung: true }
      over.resolve('stopped')
      return { hung: (await within(2 * stopMs, ended)) === 'late' }
    },
  }
}

/** What the reports of one device say, one after the other; null: nothing yet. */
function createDecoder(kind: StartInputReaderOptions['kind']) {
  let pos = noPos
  return {
    next(bytes: Uint8Array, at: number): Reading | null {
      if (kind === 'magstripe') return readStripe(bytes)
      const step = readPos(pos, bytes, at)
      pos = step.state
      return step.reading
    },
    breakOff() {
      pos = breakPos(pos)
    },
  }
}

/** Windows keeps keyboards for itself, and what people type is none of our business. */
const isKeyboard = ({ usagePage, usage, path }: HidDeviceInfo): boolean =>
  (usagePage === 0x01 && (usage === 0x06 || usage === 0x07)) || /\\kbd$/i.test(path)
