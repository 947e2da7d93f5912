import type { ReaderIdentity } from './card-data.ts'
import { hidErrorText } from './hid-errors.ts'
import { createReaderCore } from './reader-core.ts'
import type { SerialPortSetting } from './reader-messages.ts'
import type { Reader, ReaderContext, ReaderEnd, ReaderOptions } from './reader.ts'
import { createRfIdeasProtocol } from './rfideas-serial-protocol.ts'
import { rfIdeasLimit, rfIdeasPrompt } from './rfideas-serial.ts'
import { classifySerialError } from './serial-errors.ts'
import { createSerialLink, SerialRequestError, type SerialLink } from './serial-link.ts'
import type { SerialHandle, SerialPorts } from './serial-port.ts'
import { createPrintedProtocol, printedLimit } from './serial-printed.ts'
import type { SerialProtocol, SerialProtocolContext } from './serial-protocol.ts'
import { createStopper, within } from './stopper.ts'
import { createTwn4Protocol } from './twn4-protocol.ts'
import { twn4Limit } from './twn4.ts'

export interface StartSerialReaderOptions {
  readonly serial: SerialPorts
  readonly setting: SerialPortSetting
  readonly identity: ReaderIdentity
  readonly context: ReaderContext
}

interface Kind {
  readonly limit: number
  readonly prompt?: string
  readonly create: (context: SerialProtocolContext) => SerialProtocol
}
const kinds: Readonly<Record<SerialPortSetting['protocol'], Kind>> = {
  'elatec-simple': { limit: twn4Limit, create: createTwn4Protocol },
  rfideas: { limit: rfIdeasLimit, prompt: rfIdeasPrompt, create: createRfIdeasProtocol },
  lines: { limit: printedLimit, create: createPrintedProtocol },
}

/** Poll interval of a reader that only fails. */
const silentPollMs = 2_000
const lampMs = 600
/** Time for a request in flight, and for giving the reader back, at the end. */
const stopMs = 1_000

/** Opens one serial port and serves its reader until it is stopped, unplugged, or of no use. */
export function startSerialReader(options: StartSerialReaderOptions): Reader {
  const { serial, setting, identity, context } = options
  const { now, report } = context
  const core = createReaderCore(identity, context)
  const stopper = createStopper()
  let lamp: { readonly signal: 'accepted' | 'refused' | 'off'; readonly due: number } | null = null
  let open: {
    readonly handle: SerialHandle
    readonly link: SerialLink
    readonly protocol: SerialProtocol
  } | null = null
  /** Set from outside of the loop: unplugged, or asked for otherwise. */
  let over: ReaderEnd | null = null

  function end(how: ReaderEnd) {
    over ??= how
    stopper.stop()
    open?.link.abort()
  }

  async function begin(): Promise<SerialProtocol> {
    const handle = await serial.open(setting.path, setting.baudRate)
    handle.onClose(() => end('unplugged'))
    // Unplugs close the port, too; without a listener errors would end the process.
    handle.onError(() => {})
    const { limit, prompt, create } = kinds[setting.protocol]
    const link = createSerialLink({ handle, now, limit, ...(prompt ? { prompt } : {}) })
    const protocol = create({ link, core, now })
    open = { handle, link, protocol }
    return protocol
  }

  async function tend(protocol: SerialProtocol): Promise<void> {
    if (!lamp || lamp.due > now()) return
    const { signal } = lamp
    lamp = signal === 'off' ? null : { signal: 'off', due: now() + lampMs }
    await protocol.lamp(signal)
  }

  const silence = ({ message }: Error) =>
    `${message} The port is ${setting.path} at ${setting.baudRate} baud, the protocol ${setting.protocol}: is that what the reader is set to?`

  /** Polls for as long as the port is there. */
  async function serve(protocol: SerialProtocol): Promise<void> {
    let greeted = false
    let inOrder = false
    while (!stopper.stopped) {
      try {
        if (!inOrder) {
          const what = await protocol.begin()
          if (greeted) core.weigh({ type: 'answered', badge: null })
          else core.opened(what)
          greeted = true
          inOrder = true
        }
        await tend(protocol)
        await protocol.poll()
      } catch (error) {
        if (!(error instanceof SerialRequestError)) throw error
        if (error.code === 'ended') return
        if (error.code === 'silent') inOrder = false
        if (!greeted) report.health('silent', silence(error))
        else if (error.code === 'malformed') core.weigh({ type: 'malformed' })
        else core.weigh({ type: error.code === 'silent' ? 'waiting' : 'failed' })
      }
      await stopper.sleep(inOrder ? pause(protocol) : silentPollMs)
    }
  }

  const pause = ({ pollMs }: SerialProtocol) =>
    pollMs === 'never' ? foreverMs : core.options.pollMs

  async function run(): Promise<ReaderEnd> {
    try {
      const protocol = await begin()
      await serve(protocol)
      return over ?? 'stopped'
    } catch (error) {
      if (over) return over
      const fault = classifySerialError(error)
      if (fault === 'gone') return 'unplugged'
      if (fault === 'denied') return 'denied'
      report.health(
        'silent',
        fault === 'busy'
          ? 'Another program has the port open. End it, or give Lanyard another port.'
          : `${hidErrorText(error)}. Unplug the reader and plug it in again.`,
      )
      return 'failed'
    }
  }

  async function giveBack(restore: boolean): Promise<void> {
    if (!open) return
    const { handle, link, protocol } = open
    open = null
    link.resume()
    try {
      if (restore) await protocol.restore()
    } catch (error) {
      // One that does not answer keeps our settings until it is replugged.
      if (!(error instanceof SerialRequestError)) throw error
    } finally {
      await handle.close().catch(() => {})
    }
  }

  const running = run()
  /** Closes what an unplugged or failed reader leaves open. */
  const ended = running.then(async (how) => {
    if (how === 'stopped') return how
    const back = giveBack(how === 'failed').catch(() => {})
    await within(stopMs, back)
    return how
  })

  return {
    ended,
    configure(next: ReaderOptions) {
      core.configure(next)
      const same = next.ports.find(({ path }) => path === setting.path)
      if (same?.protocol === setting.protocol && same.baudRate === setting.baudRate) return
      report.health('silent', 'The policy names the port otherwise or no more; it is closed.')
      end('failed')
    },
    feedback(signal) {
      lamp = { signal, due: now() }
    },
    resync() {
      core.resync()
      open?.protocol.resync()
    },
    inspect(mode) {
      core.inspect(mode)
    },
    async stop() {
      end('stopped')
      if ((await within(stopMs, ended)) === 'late') return { hung: true }
      const back = giveBack(true).catch(() => {})
      return { hung: (await within(stopMs, back)) === 'late' }
    },
  }
}

/** The longest that a timer can wait, 24 days. */
const foreverMs = 2 ** 31 - 1
