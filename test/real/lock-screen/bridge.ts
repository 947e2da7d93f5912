/*
 * A bridge in place of the reader process: the reader process itself runs in the guest, and only
 * its messages and commands cross, over the guest's second serial port. Their times `at` are moved
 * from the guest's monotonic clock to the host's. `--control` works the guest's virtual reader as
 * that of the sandbox is worked; what happens at it is written to `--journal`.
 */
import { appendFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { monotonicNow } from '../../../main/badge/reader-messages.ts'
import { serveReaderControl } from '../../sandbox/reader-control-server.ts'
import { createClockOffset } from './clock-offset.ts'
import type { JournalLine } from './journal.ts'
import { createLines, type FromGuest, type ToGuest } from './link.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    journal: { type: 'string' },
    control: { type: 'string' },
    transport: { type: 'string' },
  },
})
const { port, journal, control } = values
if (!port || !journal || !control) throw new Error('Needs --port, --journal and --control.')

/** Exchanges of the clocks before the first message may cross. */
const exchangesAtStart = 8
const offset = createClockOffset()
const asked = new Map<number, number>()
const hands = new Map<number, (error: string | null) => void>()
const waiting: ToGuest[] = []
let ids = 0
let crossing = false
const socket = await reach(port)

const write = (line: JournalLine) => appendFileSync(journal, `${JSON.stringify(line)}\n`)
const send = (line: ToGuest) => void socket.write(`${JSON.stringify(line)}\n`)
/** What the agent says before the guest is up waits for it. */
const cross = (line: ToGuest) => (crossing ? send(line) : void waiting.push(line))

function ping() {
  const id = (ids += 1)
  asked.set(id, monotonicNow())
  send({ type: 'ping', id })
}

function pong({ id, at }: Extract<FromGuest, { type: 'pong' }>) {
  const sentAt = asked.get(id)
  asked.clear()
  if (sentAt === undefined) return
  offset.record({ sentAt, there: at, answeredAt: monotonicNow() })
  if (crossing) return
  if (offset.exchanges < exchangesAtStart) return ping()
  crossing = true
  write({ what: 'up', at: monotonicNow(), detail: `clock ±${offset.uncertainty.toFixed(2)} ms` })
  send({ type: 'start' })
  for (const line of waiting.splice(0)) send(line)
}

/** A time that the move puts into the future is now. */
const toHere = (at: number) => Math.min(offset.toHere(at), monotonicNow())

function heed(line: FromGuest): void {
  switch (line.type) {
    case 'pong':
      return pong(line)
    case 'message': {
      const { message } = line
      const moved =
        'at' in message && typeof message.at === 'number'
          ? { ...message, at: toHere(message.at) }
          : message
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
      return process.parentPort.postMessage(moved)
    }
    case 'done':
      hands.get(line.id)?.(line.error)
      hands.delete(line.id)
      return
    case 'seen':
      return write({ what: line.what, at: toHere(line.at), detail: '' })
    case 'exited': {
      const detail = `code ${line.code}${line.asFound ? ', reader as found' : ''}`
      write({ what: 'exited', at: monotonicNow(), detail })
      process.exit(line.code)
    }
  }
}

async function reach(path: string): Promise<Socket> {
  for (;;) {
    const found = await new Promise<Socket | null>((resolve) => {
      const next = connect(path, () => resolve(next))
      next.once('error', () => resolve(null))
    })
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

socket.setEncoding('utf8')
socket.on(
  'data',
  createLines((line) => heed(line as FromGuest)),
)
socket.on('close', () => process.exit(1))
socket.on('error', () => process.exit(1))
process.parentPort.on('message', ({ data }) =>
  cross({ type: 'command', command: Object(data) as object }),
)
serveReaderControl(control, (command) => {
  const id = (ids += 1)
  const turn = Promise.withResolvers<string | null>()
  hands.set(id, turn.resolve)
  cross({ type: 'hand', id, command })
  return turn.promise
})
ping()
setInterval(ping, 1_000)
