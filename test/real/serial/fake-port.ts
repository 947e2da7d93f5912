import type { SerialPortSetting } from '../../../main/badge/reader-messages.ts'
import type { ReaderOptions } from '../../../main/badge/reader.ts'
import type { SerialHandle, SerialPorts } from '../../../main/badge/serial-port.ts'
import { startSerialReader } from '../../../main/badge/serial-reader.ts'

const path = '/dev/ttyACM0'
const now = () => Date.now()

/** A port with nothing at its other end until `connect`; `open` rejects with an error it was given. */
export function createFakePort(refusal?: Error) {
  let hear: (chunk: Uint8Array) => void = () => {}
  let lose: () => void = () => {}
  let closes = 0
  let receive: (text: string) => void = () => {}
  const handle: SerialHandle = {
    async write(data) {
      const text = Buffer.from(data).toString('latin1')
      setTimeout(() => receive(text), 2)
    },
    onData(listener) {
      hear = listener
    },
    onClose(listener) {
      lose = listener
    },
    onError: () => {},
    async close() {
      closes += 1
    },
  }
  const serial: SerialPorts = {
    exists: async () => true,
    async open() {
      if (refusal) throw refusal
      return handle
    },
  }
  return {
    serial,
    print: (text: string) => hear(Buffer.from(text, 'latin1')),
    unplug: () => lose(),
    connect(device: { receive(text: string): void }) {
      receive = (text) => device.receive(text)
    },
    get closes() {
      return closes
    },
  }
}

/** A reader at a port of its own, and all that it says. */
export function startAtFakePort(protocol: SerialPortSetting['protocol'], refusal?: Error) {
  const setting = { path, protocol, baudRate: 115_200 }
  const options: ReaderOptions = {
    format: 'H10301',
    profiles: [{ reader: '*', cards: 'text', length: 4, prefix: '' }],
    ports: [setting],
    pollMs: 150,
    debounceMs: 1_000,
  }
  const port = createFakePort(refusal)
  const events: string[] = []
  const states: string[] = []
  const details: string[] = []
  const reader = startSerialReader({
    serial: port.serial,
    setting,
    identity: { kind: 'serial', model: 'Reader', vendorId: null, productId: null, name: path },
    context: {
      options,
      inspect: 'off',
      now,
      report: {
        health(health, detail) {
          states.push(health)
          details.push(detail)
        },
        presence: (event) => void events.push(event.type === 'tap' ? event.badge : event.type),
        inspection: () => {},
        quality: () => {},
      },
    },
  })
  return { ...port, port, options, reader, events, states, details }
}
