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
const warmUpMs = 5_000
const measuredMs = 30_000
const readers = 4
/** Above it, what a wake-up costs says more about the neighbours than about this process. */
const busyPercent = 20
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
      if (state !== 'ready') reject(new Error(`A reader is ${state}: ${detail}`))
      ready.add(reader)
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

async function idlePercent(shim: string, count: number): Promise<number> {
  const child = fork(at('reader.ts'), ['--readers', String(count)], {
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
const [without, withReaders, floor] = await Promise.all([
  idlePercent(shim, 0),
  idlePercent(shim, readers),
  floorPercent(),
])
const after = machineTicks()
const busy = ((after.busy - before.busy) / (after.all - before.all)) * 100
console.log(
  `FIGURE idle CPU, four pcProx: ${withReaders.toFixed(2)} % of one core ` +
    `(without readers: ${without.toFixed(2)} %; 20 empty wake-ups of Node a second: ` +
    `${floor.toFixed(2)} %; the machine was ${busy.toFixed(0)} % busy)`,
)
if (withReaders >= limitPercent && busy > busyPercent)
  console.log(
    `SKIPPED the verdict of test:idle: the limit is ${limitPercent} %, but this machine had other ` +
      'work, which makes each wake-up dearer; the figure is an upper bound',
  )
else if (withReaders >= limitPercent) {
  console.log(`test:idle: FAIL, the limit is ${limitPercent} %`)
  process.exitCode = 1
} else console.log(`test:idle: PASS, the limit is ${limitPercent} %`)
