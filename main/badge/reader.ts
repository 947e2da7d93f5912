import { classifyHidError, hidErrorText } from './hid-errors.ts'
import type { HidDeviceInfo, HidHandle, HidPort } from './hid-port.ts'
import { initialHealth, judge, type Health, type HealthEvent } from './health.ts'
import { identifyCard, rawBadge, type SiteFormat } from './identify-card.ts'
import { createPcProx, type CardReading, type PcProx } from './pcprox-device.ts'
import { initialPresence, observe, resync, type PresenceEvent } from './presence.ts'
import { createStopper, within } from './stopper.ts'

export interface ReaderOptions {
  readonly format: SiteFormat
  readonly pollMs: number
  readonly debounceMs: number
}

/** Why a reader's loop ended; `refused`: it cannot be opened, `failed`: it does not do as asked. */
export type ReaderEnd = 'stopped' | 'unplugged' | 'denied' | 'failed'

export interface ReaderReport {
  health(health: Health, detail: string): void
  presence(event: PresenceEvent): void
}

export interface StartReaderOptions {
  readonly hid: HidPort
  readonly device: HidDeviceInfo
  readonly options: ReaderOptions
  readonly now: () => number
  readonly report: ReaderReport
}

/** A request older than this is shown as silence. */
const slowMs = 1_000
/** Poll interval of a reader that only fails. */
const silentPollMs = 2_000
const lampMs = 600
/** Time for a request in flight, and for giving the reader back, at the end. */
const stopMs = 1_000
/** Equal readings of a word with wrong parity after which the card itself must hold it. */
const parityReadings = 3

/**
 * Opens one reader and polls it until it is stopped, unplugged, or of no use. A request that the
 * device never answers is reported as silence and holds up neither the process nor its end.
 */
export function startReader({ hid, device, options: first, now, report }: StartReaderOptions) {
  const stopper = createStopper()
  let options = first
  let presence = initialPresence
  let health = initialHealth
  let detail = ''
  let lamp: { readonly signal: 'accepted' | 'refused' | 'off'; readonly due: number } | null = null
  let doubtful = { word: '', readings: 0 }
  let open: { readonly handle: HidHandle; readonly pcprox: PcProx } | null = null

  function weigh(event: HealthEvent) {
    const before = health.health
    health = judge(health, event, now())
    if (health.health === before) return
    if (health.health === 'ready') presence = resync(presence)
    report.health(health.health, detail)
  }

  /** Waits for the device, and says so when it takes too long. */
  async function attend<T>(request: Promise<T>): Promise<T> {
    const slow = setTimeout(() => weigh({ type: 'waiting' }), slowMs)
    try {
      return await request
    } finally {
      clearTimeout(slow)
    }
  }

  async function begin(): Promise<PcProx> {
    const handle = await attend(hid.open(device.path))
    const pcprox = createPcProx({ handle, now })
    open = { handle, pcprox }
    // Unplugs surface as failed requests; without a listener they would end the process.
    handle.onError(() => {})
    const found = await attend(handle.info())
    if (!sameDevice(found, device)) throw new Error('no such device: the path was taken over')
    const setup = await attend(pcprox.configure())
    detail = [
      `Firmware ${setup.firmware}.`,
      ...(setup.types ? ['It still types what it reads: turn its keystrokes off.'] : []),
      ...(setup.strip.lead + setup.strip.trail > 0
        ? [`It strips ${setup.strip.lead}+${setup.strip.trail} parity bits, unchecked.`]
        : []),
    ].join(' ')
    report.health('ready', detail)
    return pcprox
  }

  async function poll(pcprox: PcProx): Promise<void> {
    const startedAt = now()
    const reading = await attend(pcprox.readCard())
    // The answer to a request that hung tells what was there, not what is.
    if (reading.at - startedAt > slowMs) presence = resync(presence)
    const badge = badgeOf(reading)
    if (badge === undefined) return weigh({ type: 'malformed' })
    weigh({ type: 'answered', badge })
    if (health.health === 'babbling') return
    const step = observe(
      presence,
      { badge, at: reading.at },
      { holdMs: 2 * options.pollMs, debounceMs: options.debounceMs },
      now(),
    )
    presence = step.state
    for (const event of step.events) report.presence(event)
  }

  /** Undefined: what was read is no card and not nothing either. */
  function badgeOf(reading: CardReading): string | null | undefined {
    if (reading.type === 'none') return null
    if (reading.type === 'malformed') return undefined
    const card = identifyCard(reading.word, reading.strip, options.format)
    if (card.ok) return card.badge
    if (card.reason === 'degenerate' || card.reason === 'length') return undefined
    const word = `${reading.word.bits}:${reading.word.value}`
    doubtful = { word, readings: doubtful.word === word ? doubtful.readings + 1 : 1 }
    return doubtful.readings >= parityReadings ? rawBadge(reading.word) : undefined
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
        } catch (error) {
          if (classifyHidError(error) !== 'failed') throw error
          weigh({ type: 'failed' })
          if (health.health === 'silent' && !(await stillThere())) return 'unplugged'
        }
        await stopper.sleep(health.health === 'silent' ? silentPollMs : options.pollMs)
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
    configure(next: ReaderOptions) {
      options = next
    },
    feedback(signal: 'accepted' | 'refused') {
      lamp = { signal, due: now() }
    },
    resync() {
      presence = resync(presence)
    },
    /**
     * Gives the reader back as it was found and closes it. `hung`: the device answers nothing, so
     * it keeps our settings until it is replugged, and the process must end by force.
     */
    async stop(): Promise<{ readonly hung: boolean }> {
      stopper.stop()
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
export type Reader = ReturnType<typeof startReader>

const sameDevice = (a: HidDeviceInfo, b: HidDeviceInfo): boolean =>
  a.vendorId === b.vendorId && a.productId === b.productId && a.serialNumber === b.serialNumber
