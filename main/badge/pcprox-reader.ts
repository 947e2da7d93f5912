import type { ReaderIdentity } from './card-data.ts'
import { classifyHidError, hidErrorText } from './hid-errors.ts'
import type { HidDeviceInfo, HidHandle, HidPort, PolledHandle } from './hid-port.ts'
import { pollInterval } from './poll-interval.ts'
import { createPcProx, type PcProx } from './pcprox-device.ts'
import { createReaderCore } from './reader-core.ts'
import type { Reader, ReaderContext, ReaderEnd } from './reader.ts'
import { sameDevice } from './same-device.ts'
import { createStopper, within } from './stopper.ts'

export interface StartPcProxOptions {
  readonly hid: HidPort
  readonly device: HidDeviceInfo
  readonly identity: ReaderIdentity
  readonly context: ReaderContext
}

/** A request older than this is shown as silence. */
const slowMs = 1_000
/** Poll interval of a reader that only fails. */
const silentPollMs = 2_000
const lampMs = 600
/** How often a thread that waits for a card is looked after. */
const hangCheckMs = 1_500
/** Time for a request in flight, and for giving the reader back, at the end. */
const stopMs = 1_000

/**
 * Opens one pcProx or WAVE ID and polls it until it is stopped, unplugged, or of no use. A request
 * that the device never answers is reported as silence and holds up neither the process nor its end.
 */
export function startPcProx({ hid, device, identity, context }: StartPcProxOptions): Reader {
  const { now, report } = context
  const core = createReaderCore(identity, context)
  const stopper = createStopper()
  let lamp: { readonly signal: 'accepted' | 'refused' | 'off'; readonly due: number } | null = null
  let open: { readonly handle: Omit<HidHandle, 'onReport'>; readonly pcprox: PcProx } | null = null
  let polled: PolledHandle | null = null
  let cardAt = now()
  let empty = false

  /** Waits for the device, and says so when it takes too long. */
  async function attend<T>(request: Promise<T>): Promise<T> {
    const slow = setTimeout(() => core.weigh({ type: 'waiting' }), slowMs)
    try {
      return await request
    } finally {
      clearTimeout(slow)
    }
  }

  async function begin(): Promise<PcProx> {
    polled = hid.openPolled ? await attend(hid.openPolled(device.path)) : null
    const handle = polled ?? (await attend(hid.open(device.path)))
    const pcprox = createPcProx({ handle, now })
    open = { handle, pcprox }
    // Unplugs surface as failed requests; without a listener they would end the process.
    handle.onError(() => {})
    const found = await attend(handle.info())
    if (!sameDevice(found, device)) throw new Error('no such device: the path was taken over')
    const setup = await attend(pcprox.configure())
    core.opened(
      [
        `Firmware ${setup.firmware}.`,
        ...(setup.types ? ['It still types what it reads: turn its keystrokes off.'] : []),
        ...(setup.strip.lead + setup.strip.trail > 0
          ? [`It strips ${setup.strip.lead}+${setup.strip.trail} parity bits, unchecked.`]
          : []),
      ].join(' '),
    )
    return pcprox
  }

  async function poll(pcprox: PcProx): Promise<void> {
    const startedAt = now()
    const reading = await attend(pcprox.readCard())
    // The answer to a request that hung tells what was there, not what is.
    core.field(reading, reading.at, { stale: reading.at - startedAt > slowMs })
    if (reading.type === 'card') cardAt = reading.at
    empty = reading.type === 'none'
  }

  /** Until the next poll is due; with nothing else to do, until there is something in the field. */
  async function rest(pcprox: PcProx): Promise<void> {
    if (core.health === 'silent') return stopper.sleep(silentPollMs)
    const everyMs = pollInterval(core.options.pollMs, now() - cardAt)
    if (!polled || !empty || !core.resting || lamp || stopper.stopped) return stopper.sleep(everyMs)
    const watching = polled
    let before = 0
    const check = setInterval(() => {
      const request = watching.requests()
      if (request % 2 !== 0 && request === before) core.weigh({ type: 'waiting' })
      before = request
    }, hangCheckMs)
    try {
      const { emptyAt } = await watching.watch({ ...pcprox.cardRequest, everyMs })
      if (emptyAt !== null) core.stayedEmpty(emptyAt)
    } finally {
      clearInterval(check)
    }
  }

  async function tend(pcprox: PcProx): Promise<void> {
    if (!lamp || lamp.due > now()) return
    const { signal } = lamp
    lamp = signal === 'off' ? null : { signal: 'off', due: now() + lampMs }
    await attend(signal === 'off' ? pcprox.lampOff() : pcprox.lampOn(signal))
  }

  const stillThere = async () => (await hid.list()).some(({ path }) => path === device.path)

  async function run(): Promise<ReaderEnd> {
    try {
      const pcprox = await begin()
      while (!stopper.stopped) {
        try {
          await tend(pcprox)
          await poll(pcprox)
          await rest(pcprox)
        } catch (error) {
          if (classifyHidError(error) !== 'failed') throw error
          core.weigh({ type: 'failed' })
          if (core.health === 'silent' && !(await stillThere())) return 'unplugged'
          await stopper.sleep(core.health === 'silent' ? silentPollMs : core.options.pollMs)
        }
      }
      return 'stopped'
    } catch (error) {
      const fault = classifyHidError(error)
      if (stopper.stopped) return 'stopped'
      if (fault === 'gone') return 'unplugged'
      if (fault === 'denied') return 'denied'
      report.health('silent', `${hidErrorText(error)}. Unplug the reader and plug it in again.`)
      return 'failed'
    }
  }

  const running = run()
  /** Closes what a failed or unplugged reader leaves open. */
  const ended = running.then(async (end) => {
    if (end !== 'stopped')
      await within(
        stopMs,
        giveBack(end === 'failed').catch(() => {}),
      )
    return end
  })

  async function giveBack(restore: boolean): Promise<void> {
    if (!open) return
    const { handle, pcprox } = open
    open = null
    try {
      if (restore) await pcprox.restore()
    } finally {
      await handle.close().catch(() => {})
    }
  }

  return {
    ended,
    configure(next) {
      core.configure(next)
      polled?.interrupt()
    },
    feedback(signal) {
      lamp = { signal, due: now() }
      polled?.interrupt()
    },
    resync() {
      core.resync()
      polled?.interrupt()
    },
    inspect(mode) {
      core.inspect(mode)
      polled?.interrupt()
    },
    /** A reader that answers nothing keeps our settings until it is replugged. */
    async stop() {
      stopper.stop()
      polled?.interrupt()
      if ((await within(stopMs, ended)) === 'late') return { hung: true }
      return {
        hung:
          (await within(
            stopMs,
            giveBack(true).catch(() => {}),
          )) === 'late',
      }
    },
  }
}
