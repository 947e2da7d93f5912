import type { ReaderProcess } from './reader-process.ts'
import { check, pause, tell, test } from './suite.ts'
import type { VirtualReader } from './virtual-reader.ts'

export interface IdleOptions {
  readonly process: ReaderProcess
  readonly readers: readonly VirtualReader[]
  readonly pollMs: number
  readonly seconds: number
}

/** CPU time of the reader process while nobody taps. */
export async function idle({ process, readers, pollMs, seconds }: IdleOptions): Promise<void> {
  const count = `${readers.length} reader${readers.length === 1 ? '' : 's'}`
  await test(`nobody taps: ${count}, polled every ${pollMs} ms for ${seconds} s`, async () => {
    for (const [index, reader] of readers.entries()) reader.plug(`I${index}`)
    process.configure({ pollMs })
    try {
      for (const _ of readers) await process.next('reader', ({ state }) => state === 'ready')
      await pause(1_000)
      const total = () => readers.reduce((sum, { requests }) => sum + requests, 0)
      const [cpu, requests, startedAt] = [process.cpuMs(), total(), performance.now()]
      await process.quiet(seconds * 1_000)
      const elapsed = performance.now() - startedAt
      const percent = ((process.cpuMs() - cpu) / elapsed) * 100
      const rate = (total() - requests) / (elapsed / 1_000)
      // Two requests make one poll.
      check(rate > readers.length, `only ${rate.toFixed(1)} requests a second: it does not poll`)
      tell({ type: 'figure', name: `idle CPU, ${count}, % of one core`, value: percent.toFixed(2) })
      return `${percent.toFixed(2)} % of one core, ${rate.toFixed(1)} feature requests a second`
    } finally {
      process.send({ type: 'stop' })
      await process.exited(5_000)
      process.kill()
      for (const reader of readers) reader.unplug()
    }
  })
}
