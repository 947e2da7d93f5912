/* Entry of the reader utility processes: one for each transport, `--transport hid|pcsc|serial`. */
import { parseArgs } from 'node:util'
import { createHidSource } from './hid-source.ts'
import { createNodeHidPort } from './node-hid-port.ts'
import { createPcscSource } from './pcsc-source.ts'
import { createPcscMiniPort } from './pcsc-mini-port.ts'
import type { ReaderSource } from './reader.ts'
import { transportSchema, type Transport } from './reader-messages.ts'
import { runReaderProcess } from './run-reader-process.ts'
import { createNodeSerialPort } from './node-serial-port.ts'
import { createSerialSource } from './serial-source.ts'

const sources: Readonly<Record<Transport, () => ReaderSource>> = {
  hid: () => createHidSource({ hid: createNodeHidPort() }),
  pcsc: () => createPcscSource({ pcsc: createPcscMiniPort() }),
  serial: () => createSerialSource({ serial: createNodeSerialPort() }),
}

const { values } = parseArgs({
  options: { transport: { type: 'string', default: 'hid' } },
  strict: false,
})

runReaderProcess({
  source: sources[transportSchema.parse(values.transport)](),
  parentPort: process.parentPort,
})
