import { monotonicNow } from '../../../../main/badge/reader-messages.ts'
import { createVirtualPcProx, type VirtualPcProx } from '../../../sandbox/virtual-pcprox.ts'
import { pause, until } from './suite.ts'
import * as uhid from './uhid.ts'
import { hidrawPath, openUhid } from './uhid-device.ts'

/**
 * Until `calm`: requests without an answer (the last one gets it then, when the kernel still waits:
 * it gives up after 5 s), requests that fail, answers of random bytes.
 */
export type Fault = 'hang' | 'error' | 'babble'

export interface VirtualReader {
  readonly pcprox: VirtualPcProx
  /** The kernel finds a reader with this serial number, as it left the factory. */
  plug(serialNumber: string): void
  unplug(): void
  fault(fault: Fault): void
  calm(): void
  /** Calls `listener` when the kernel was given an answer; `data` starts with the report id. */
  whenAnswered(listener: (request: 'get' | 'set', data: Uint8Array) => void): void
  /** Reports of the keyboard: what a reader types before it is told not to. */
  type(reports: number): void
  /** The device node, null while there is none. */
  path(): string | null
  /** Feature requests since the start. */
  readonly requests: number
  /** No card, and the reader process has seen that for longer than any debounce here. */
  empty(): Promise<void>
}

/**
 * A keyboard and a vendor collection with one 8-byte feature report: two collections on one path.
 * Invented for this test; the descriptor of a real reader is not public.
 */
const descriptor = Buffer.from(
  '05010906a101050719e029e715002501750195088102750895018101190029651500256575089506' +
    '8100c0' +
    '0600ff0901a1010902150026ff0075089508b102c0',
  'hex',
)

/** Of the factory configuration: a card is repeated this long after it left. */
const holdMs = 200

/** Never ends its reading of /dev/uhid: the process that holds one must be killed. */
export function createVirtualReader(): VirtualReader {
  const { write } = openUhid(handle)
  const pcprox = createVirtualPcProx({ now: monotonicNow })
  let serial: string | null = null
  let fault: Fault | null = null
  let requests = 0
  let unanswered: uhid.UhidEvent | null = null
  let answered: (request: 'get' | 'set', data: Uint8Array) => void = () => {}

  function answerGet(): Uint8Array | 'error' {
    if (fault === 'error') return 'error'
    if (fault === 'babble') return nonsense()
    return Uint8Array.of(0, ...pcprox.read())
  }

  function handle(event: uhid.UhidEvent) {
    if (event.type !== 'get' && event.type !== 'set') return
    if (fault === 'hang') unanswered = event
    if (fault !== 'hang' && serial !== null) answer(event)
  }

  function answer(event: uhid.UhidEvent) {
    if (event.type === 'other') return
    requests += 1
    if (event.type === 'get') {
      const data = answerGet()
      write(uhid.getReply(event.id, data))
      if (data !== 'error') answered('get', data)
      return
    }
    if (fault !== 'error') pcprox.write(event.data.subarray(1))
    write(uhid.setReply(event.id, fault === 'error' ? 'error' : 'ok'))
    if (fault !== 'error') answered('set', event.data)
  }

  return {
    pcprox,
    plug(serialNumber) {
      if (serial !== null) this.unplug()
      serial = serialNumber
      pcprox.powerOn()
      const identity = { name: 'Virtual reader', vendorId: 0x0c27, productId: 0x3bfa }
      write(uhid.createEvent({ ...identity, serialNumber, descriptor }))
    },
    unplug() {
      serial = null
      fault = null
      unanswered = null
      write(uhid.destroyEvent())
    },
    fault(next) {
      fault = next
    },
    calm() {
      fault = null
      if (unanswered) answer(unanswered)
      unanswered = null
    },
    whenAnswered(listener) {
      answered = listener
    },
    type(reports) {
      for (let index = 0; index < reports; index += 1) {
        write(uhid.inputEvent(Uint8Array.of(0, 0, index % 2 ? 0 : 0x1e, 0, 0, 0, 0, 0)))
      }
    },
    path: () => (serial === null ? null : hidrawPath(serial)),
    get requests() {
      return requests
    },
    async empty() {
      pcprox.remove()
      await pause(holdMs)
      const from = requests
      await pause(250)
      // Two requests a poll.
      await until(
        () => requests - from >= 10,
        8_000,
        () => `only ${requests - from} requests while the field was empty`,
      )
    },
  }
}

const byte = () => Math.floor(Math.random() * 256)

/** Truncated, oversized, or of the right length and without sense. */
function nonsense(): Uint8Array {
  const length = [3, 9, 9, 40][byte() % 4] ?? 9
  return Uint8Array.from({ length }, (_, index) => (index === 0 ? 0 : byte()))
}
