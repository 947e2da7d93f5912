/*
 * Reader process of the sandbox: the product's own, over a simulated reader that is worked through
 * `--control <path>` (a Unix socket or named pipe, or a port on the loopback).
 */
import { parseArgs } from 'node:util'
import { monotonicNow } from '../../main/badge/reader-messages.ts'
import { createHidSource } from '../../main/badge/hid-source.ts'
import { runReaderProcess } from '../../main/badge/run-reader-process.ts'
import { createReaderControl } from './reader-control.ts'
import { serveReaderControl } from './reader-control-server.ts'
import { createVirtualHid } from './virtual-hid.ts'

const { values } = parseArgs({ options: { control: { type: 'string' } }, strict: false })
if (typeof values.control !== 'string') {
  throw new Error('The sandbox reader needs --control <socket path or port>.')
}

const hid = createVirtualHid({ now: monotonicNow, polled: true })
const control = createReaderControl(hid)

serveReaderControl(values.control, (command) => {
  control(command)
  return null
})

runReaderProcess({
  source: createHidSource({ hid, platform: 'win32' }),
  parentPort: process.parentPort,
})
