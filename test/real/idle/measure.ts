/*
 * CPU time of the reader process while nobody taps: on this CPU, with the real node-hid and the
 * product's own drivers; the kernel's hidraw is a stand-in (shim.c). Exit 1 above the limit.
 * `node measure.ts <the compiled shim>`
 */
import { fork, type ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readerMessageSchema, type ReaderCommand } from '../../../main/badge/reader-messages.ts'
import { settings } from '../../../main/policy/settings.ts'
import { cpuMs, machineTicks } from './cpu-time.ts'

const limitPercent = 0.5
/** By then a watch that began before the readers were quiet has been asked for anew. */
const warmUpMs = 26_000
const measuredMs = 30_000
const readers = 4
/**
 * On a virtual machine, and beside other work, a wake-up costs many times what it costs on a
 * workstation; then the floor that was measured beside it is the measure.
 */
const limitRatio = 2
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const configure: ReaderCommand = {
  type: 'configure',
  format: settings['badge.format'].default,
  profiles: [],
  ports: [],
  avoid: [],
  pollMs: settings['tap.poll'].default,
  debounceMs: settings['tap.debounce'].default,
}

/** Resolves when `count` readers are ready; rejects when one is not, or the process is gone. */
function allReady(child: ChildProcess, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const ready = new Set<string>()
    if (count === 0) resolve()
    child.once('exit', (code) => reject(new Error(`The reader process ended with code ${code}.`)))
    child.on('message', (data) => {
      const message = readerMessageSchema.parse(data)
      if (message.type !== 'reader' || message.reader === 'none') return
      const { reader, state, detail } = message
      // Four processes start at once here: that one is slow to open is no fault of its.
      if (state !== 'ready' && state !== 'silent')
        reject(new Error(`A reader is ${state}: ${detail}`))
      if (state === 'ready') ready.add(reader)
      if (ready.size === count) resolve()
    })
  })
}

/** Percent of one core that a child takes after it has warmed up. */
async function percentOf({ pid }: ChildProcess): Promise<number> {
  if (pid === undefined) throw new Error('The process has not started.')
  await pause(warmUpMs)
  const [cpu, startedAt] = [cpuMs(pid), performance.now()]
  await pause(measuredMs)
  return ((cpuMs(pid) - cpu) / (performance.now() - startedAt)) * 100
}

async function idlePercent(shim: string, count: number, ...more: string[]): Promise<number> {
  const child = fork(at('reader.ts'), ['--readers', String(count), ...more], {
    env: { ...process.env, LD_PRELOAD: shim },
  })
  try {
    child.send(configure)
    await allReady(child, count)
    return await percentOf(child)
  } finally {
    child.removeAllListeners('exit')
    child.kill('SIGTERM')
  }
}

/** What Node takes on this machine to wake up 20 times a second and do nothing. */
async function floorPercent(): Promise<number> {
  const child = fork(at('floor.ts'))
  try {
    return await percentOf(child)
  } finally {
    child.kill()
  }
}

const [shim] = process.argv.slice(2)
if (!shim) throw new Error('Expected the compiled shim: node measure.ts <shim.so>')
const before = machineTicks()
const [without, lately, quiet, floor] = await Promise.all([
  idlePercent(shim, 0),
  idlePercent(shim, readers),
  idlePercent(shim, readers, '--quiet'),
  floorPercent(),
])
const after = machineTicks()
const busy = ((after.busy - before.busy) / (after.all - before.all)) * 100
console.log(
  `FIGURE idle CPU, four pcProx, nobody there for ten minutes: ${quiet.toFixed(2)} % of one core ` +
    `(a tap within ten minutes: ${lately.toFixed(2)} %; without readers: ${without.toFixed(2)} %; ` +
    `20 empty wake-ups of Node a second: ${floor.toFixed(2)} %; ` +
    `the machine was ${busy.toFixed(0)} % busy)`,
)
const ratio = quiet / floor
if (quiet < limitPercent) console.log(`test:idle: PASS, the limit is ${limitPercent} %`)
else if (ratio < limitRatio)
  console.log(
    `test:idle: PASS by ratio: ${ratio.toFixed(1)} times 20 empty wake-ups of Node, the limit is ` +
      `${limitRatio}; ${limitPercent} % is exceeded because a wake-up is dear on this machine`,
  )
else {
  console.log(
    `test:idle: FAIL, the limit is ${limitPercent} %, or ${limitRatio} times 20 empty wake-ups ` +
      `of Node where those are dear`,
  )
  process.exitCode = 1
}
