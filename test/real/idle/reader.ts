/*
 * Reader process with the readers of the shim (shim.c): the product's own but for the list of
 * devices and for the identity of an open one, which would come from udev.
 */
import { parseArgs } from 'node:util'
import type { HidDeviceInfo, HidPort } from '../../../main/badge/hid-port.ts'
import { createHidSource } from '../../../main/badge/hid-source.ts'
import { createNodeHidPort } from '../../../main/badge/node-hid-port.ts'
import { openPolled } from '../../../main/badge/polled-handle.ts'
import { monotonicNow } from '../../../main/badge/reader-messages.ts'
import { runReaderProcess } from '../../../main/badge/run-reader-process.ts'

const { values } = parseArgs({
  options: {
    readers: { type: 'string', default: '0' },
    quiet: { type: 'boolean', default: false },
  },
})

const devices = Array.from({ length: Number(values.readers) }, (_, index): HidDeviceInfo => ({
  path: `/dev/lanyard-hidraw${index}`,
  vendorId: 0x0c27,
  productId: 0x3bfa,
  serialNumber: String(index),
  product: 'RFIDeas USB Keyboard',
  usagePage: 1,
  usage: 6,
}))
const system = createNodeHidPort()
const hid: HidPort = {
  async list() {
    // What looking costs counts; what is really plugged in here does not.
    await system.list()
    return devices
  },
  open: () => Promise.reject(new Error('A pcProx is polled in a thread of its own.')),
  async openPolled(path) {
    const device = devices.find((known) => known.path === path)
    if (!device) throw new Error(`The shim has no device at ${path}.`)
    return { ...(await openPolled(path)), info: () => Promise.resolve(device) }
  },
}

const send = process.send?.bind(process)
if (!send) throw new Error('This process is a child of measure.ts.')

/** As if nobody had tapped for longer than it takes to be quiet. */
const startedAt = monotonicNow()
const quietMs = 11 * 60_000
const now = () => {
  const at = monotonicNow()
  return values.quiet && at - startedAt > 3_000 ? at + quietMs : at
}

runReaderProcess({
  now,
  source: createHidSource({ hid }),
  parentPort: {
    postMessage: (message) => void send(message),
    on: (_event, listener) => process.on('message', (data) => listener({ data })),
  },
})
