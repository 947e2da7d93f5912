import { parseArgs } from 'node:util'
import { benchAgents } from './agents.ts'
import { type Engine, engines } from './databases.ts'
import type { Line } from './figures.ts'
import { benchGrowth } from './growth.ts'
import { benchLoad } from './load.ts'
import { pinSelf } from './processes.ts'
import { benchRoam } from './roam.ts'
import { benchSignIn } from './sign-in/sign-in.ts'
import { benchSlow } from './slow.ts'
import { benchTap } from './tap/tap.ts'

/*
 * `npm run bench -- tap|sign-in|load|slow|agents|roam|growth|all`: one JSON line per figure on
 * standard output, a table for people on standard error. Compare ratios within one run, never the
 * figures of two machines. A missed goal ends with code 1; docs/benchmarks.md says what is measured.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string', default: 'sqlite,postgres' },
    /** Milliseconds that every flush takes longer. */
    flush: { type: 'string', default: '' },
    runs: { type: 'string', default: '40' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    minutes: { type: 'string', default: '2' },
    agents: { type: 'string', default: '1000' },
    people: { type: 'string', default: '20000' },
    records: { type: 'string', default: '300000' },
  },
})

const number = (name: keyof typeof values) => Number(values[name])
const chosen = values.engine.split(',') as Engine[]
if (chosen.some((engine) => !engines.includes(engine)))
  throw new Error(`--engine takes ${engines.join(' and ')}`)

const lines: Line[] = []
function tell(line: Line): void {
  lines.push(line)
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
const delays = (standard: readonly number[]) =>
  values.flush === '' ? standard : values.flush.split(',').map(Number)

const parts: Readonly<Record<string, () => Promise<void>>> = {
  tap: () => benchTap({ runs: number('runs'), tell }),
  'sign-in': () =>
    benchSignIn({
      engines: chosen,
      delays: delays([0, 5]),
      seconds: number('seconds'),
      rounds: number('rounds'),
      tell,
    }),
  load: () =>
    benchLoad({ engines: chosen, minutes: number('minutes'), agents: number('agents'), tell }),
  slow: () => benchSlow({ engines: chosen, delays: delays([5, 50, 500]), tell }),
  agents: () => benchAgents({ engines: chosen, agents: number('agents'), tell }),
  roam: () => benchRoam({ engines: chosen, moves: number('runs') * 5, tell }),
  growth: () =>
    benchGrowth({
      engines: chosen,
      people: number('people'),
      records: number('records'),
      seconds: number('seconds'),
      rounds: number('rounds'),
      tell,
    }),
}

const [what = 'all'] = positionals
const names = what === 'all' ? Object.keys(parts) : [what]
for (const name of names) {
  const part = parts[name]
  if (!part) throw new Error(`bench takes one of ${Object.keys(parts).join(', ')} or all`)
  // The shell's own measurement needs both cores.
  if (name !== 'tap') pinSelf()
  await part()
}

function table(): string {
  const rows = lines.map(({ name, ...rest }) => [
    name,
    Object.entries(rest)
      .map(([key, value]) => `${key} ${value}`)
      .join('  '),
  ])
  const width = Math.max(...rows.map(([name = '']) => name.length))
  return rows.map(([name = '', rest]) => `${name.padEnd(width)}  ${rest}\n`).join('')
}
process.stderr.write(`\n${table()}`)
process.exit(lines.some(({ met }) => met === false) ? 1 : 0)
