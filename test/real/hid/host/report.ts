import { styleText } from 'node:util'
import type { GuestLine } from '../guest/suite.ts'
import { sentinel } from './qemu.ts'

export interface TableOptions {
  readonly ms: number
  readonly timedOut: boolean
  readonly hostYardstick: number
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
    table({ ms, timedOut, hostYardstick }: TableOptions): string {
      const rows = cases().map(({ ok, name, ms: took, detail }) => {
        const verdict = ok ? styleText('green', 'PASS') : styleText('red', 'FAIL')
        return `${verdict}  ${`${took} ms`.padStart(9)}  ${name}\n${' '.repeat(17)}${detail}`
      })
      const figures = told.flatMap((line) =>
        line.type === 'figure' ? [figure(line.name, line.value, hostYardstick)] : [],
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

function figure(name: string, value: string, host: number): string {
  if (name !== 'yardstick') return `FIGURE ${name}: ${value} (emulated, see the next line)`
  return `FIGURE plain JavaScript takes ${(Number(value) / host).toFixed(1)} times as long as on this host`
}
