/*
 * The guest's one program: a virtual pcProx, the built reader process, and the second serial port
 * over which the host works both.
 */
import { execFileSync, fork, type ChildProcess } from 'node:child_process'
import { openSync, read, writeSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { monotonicNow } from '../../../../main/badge/reader-messages.ts'
import { createReaderControl } from '../../../sandbox/reader-control.ts'
import { factoryPages } from '../../../sandbox/virtual-pcprox.ts'
import { createVirtualReader } from '../../hid/guest/virtual-reader.ts'
import { createLines, type FromGuest, type Seen, type ToGuest } from '../link.ts'

const device = '/dev/ttyS1'
const port = openSync(device, 'r+')
execFileSync('busybox', ['stty', '-F', device, '115200', 'raw', '-echo'])
const tell = (line: FromGuest) => void writeSync(port, `${JSON.stringify(line)}\n`)
const seen = (what: Seen) => tell({ type: 'seen', what, at: monotonicNow() })

/** Longer than a field must be empty before what comes next is a tap. */
const emptyMs = 600
const newField = { card: false, emptySince: null as number | null, empty: false }
let field = newField
let asked = 0
let lamp = 'own'

function answeredField(card: boolean) {
  if (card && !field.card) seen('card')
  const emptySince = card ? null : (field.emptySince ?? monotonicNow())
  const empty = emptySince !== null && monotonicNow() - emptySince > emptyMs
  if (empty && !field.empty) seen('empty field')
  field = { card, emptySince, empty }
}

const reader = createVirtualReader()
reader.whenAnswered((request, data) => {
  if (request === 'set') asked = data[1] ?? 0
  else if (asked === 0x8f) answeredField(data.slice(1).some((byte) => byte !== 0))
  if (reader.pcprox.lamp === lamp) return
  lamp = reader.pcprox.lamp
  seen(`lamp ${reader.pcprox.lamp}`)
})
const plug = () => {
  field = newField
  reader.plug('L1')
}
const control = createReaderControl({
  reader: reader.pcprox,
  plug,
  unplug: () => reader.unplug(),
  fault(fault) {
    if (fault === null) return reader.calm()
    if (fault === 'hang' || fault === 'error' || fault === 'babble') return reader.fault(fault)
    throw new Error(`The virtual reader of the guest has no fault "${fault}".`)
  },
})

let child: ChildProcess | null = null
function start() {
  child?.kill('SIGKILL')
  const started = fork('/app/guest/parent-port.js', ['--transport', 'hid'], { stdio: 'inherit' })
  child = started
  started.on('message', (message) => tell({ type: 'message', message: Object(message) as object }))
  started.once('exit', (code) => {
    if (child !== started) return
    child = null
    const pages = JSON.stringify(reader.pcprox.pages.map((page) => [...page]))
    const found = JSON.stringify(factoryPages.map((page) => [...page]))
    tell({ type: 'exited', code: code ?? 1, asFound: pages === found })
  })
}

function work(id: number, command: unknown) {
  try {
    control(command)
    tell({ type: 'done', id, error: null })
  } catch (error) {
    tell({ type: 'done', id, error: error instanceof Error ? error.message : String(error) })
  }
}

const heed = createLines((line) => {
  const asToGuest = line as ToGuest
  switch (asToGuest.type) {
    case 'ping':
      return tell({ type: 'pong', id: asToGuest.id, at: monotonicNow() })
    case 'start':
      return start()
    case 'command':
      return void child?.send(asToGuest.command)
    case 'hand':
      return work(asToGuest.id, asToGuest.command)
  }
})

const buffer = Buffer.alloc(4_096)
function listen() {
  read(port, buffer, 0, buffer.length, null, (error, length) => {
    if (error) throw error
    heed(buffer.toString('utf8', 0, length))
    listen()
  })
}

plug()
listen()
// The host cuts the power; nothing here may end before.
for (;;) await pause(3_600_000)
