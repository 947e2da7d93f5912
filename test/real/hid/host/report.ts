import { styleText } from 'node:util'
import type { GuestLine } from '../guest/suite.ts'
import { sentinel } from './qemu.ts'

export interface TableOptions {
  readonly ms: number
  readonly timedOut: boolean
}

/** Collects what the guest tells; everything else it prints is kept for a failure. */
export function createReport() {
  const told: GuestLine[] = []
  const console: string[] = []
  const cases = () => told.filter((line) => line.type === 'case')
  const result = () => told.find((line) => line.type === 'result')

  return {
    line(text: string) {
      const start = text.indexOf(`${sentinel}{`)
      if (start < 0) return void console.push(text)
      told.push(JSON.parse(text.slice(start + sentinel.length)) as GuestLine)
    },
    /** Every case passed and the guest came to its end. */
    get passed() {
      const end = result()
      return end?.failed === 0 && end.passed === cases().length && end.passed > 0
    },
    table({ ms, timedOut }: TableOptions): string {
      const rows = cases().map(({ ok, name, ms: took, detail }) => {
        const verdict = ok ? styleText('green', 'PASS') : styleText('red', 'FAIL')
        return `${verdict}  ${`${took} ms`.padStart(9)}  ${name}\n${' '.repeat(17)}${detail}`
      })
      const figures = told.flatMap((line) =>
        // Not what a real CPU needs: an emulated one is many times slower, more so on a busy host.
        line.type === 'figure'
          ? [`FIGURE ${line.name}: ${line.value} (upper bound: emulated CPU)`]
          : [],
      )
      const end = result()
      return [
        ...rows,
        ...figures,
        ...(end ? [] : [unfinished(timedOut, ms), ...console.slice(-30)]),
        `test:hid: ${end?.passed ?? 0} passed, ${end?.failed ?? 'unknown'} failed, ` +
          `${(ms / 1_000).toFixed(1)} s from power on to power off`,
      ].join('\n')
    },
  }
}

const unfinished = (timedOut: boolean, ms: number) =>
  timedOut
    ? `The guest did not come to its end; its power was cut after ${Math.round(ms / 1_000)} s.`
    : 'The guest went off before its end; the last it said:'
