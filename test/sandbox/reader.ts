/*
 * Reader process of the sandbox: the product's own, over a simulated reader that is worked through
 * `--control <path>` (a Unix socket or named pipe, or a port on the loopback).
 */
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { monotonicNow } from '../../main/badge/reader-messages.ts'
import { createHidSource } from '../../main/badge/hid-source.ts'
import { runReaderProcess } from '../../main/badge/run-reader-process.ts'
import { createReaderControl } from './reader-control.ts'
import { createVirtualHid } from './virtual-hid.ts'

const { values } = parseArgs({ options: { control: { type: 'string' } }, strict: false })
if (typeof values.control !== 'string') {
  throw new Error('The sandbox reader needs --control <socket path or port>.')
}

const hid = createVirtualHid({ now: monotonicNow })
const control = createReaderControl(hid)

const server = createServer((socket) => {
  socket.on('error', () => socket.destroy())
  createInterface({ input: socket }).on('line', (line) => {
    socket.write(`${JSON.stringify(answer(line))}\n`)
  })
})
if (/^\d+$/.test(values.control)) server.listen(Number(values.control), '127.0.0.1')
else server.listen(values.control)

runReaderProcess({
  source: createHidSource({ hid, platform: 'win32' }),
  parentPort: process.parentPort,
})

function answer(line: string): { ok: true } | { ok: false; error: string } {
  try {
    control(JSON.parse(line))
    return { ok: true }
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) }
  }
}
