import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** The built command line; `npm run build` makes it. */
const program = join(import.meta.dirname, '../../out/main/lanyard.js')
/** The same from its sources, which are never older than themselves. */
export const sourceProgram = join(import.meta.dirname, '../../main/lanyard.ts')

export interface Finished {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs one command of the built program to its end. */
export async function lanyard(...args: readonly string[]): Promise<Finished> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (text: Buffer) => (out += text.toString()))
  child.stderr.on('data', (text: Buffer) => (err += text.toString()))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, err }
}

export interface ServiceProcess {
  readonly pid: number
  /** Its one line on stdout. Rejects with what it said when it ends before. */
  readonly ready: Promise<{ readonly event: string; readonly url: string }>
  /** Lines of its log, so far. */
  readonly log: readonly Readonly<Record<string, unknown>>[]
  /** Everything on stdout. */
  readonly out: () => string
  /** Resolves when the log has such a line, counted from `after`. */
  logged(event: string, after?: number): Promise<Readonly<Record<string, unknown>>>
  signal(name: NodeJS.Signals): void
  readonly exited: Promise<number | null>
}

/** `lanyard authority serve` as a process of its own. */
export function startServiceProcess(
  config: string,
  environment: NodeJS.ProcessEnv = {},
  from = program,
): ServiceProcess {
  const child = spawn(process.execPath, [from, 'authority', 'serve', '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  const log: Record<string, unknown>[] = []
  let out = ''
  const ready = Promise.withResolvers<{ event: string; url: string }>()
  ready.promise.catch(() => {})
  createInterface({ input: child.stdout }).on('line', (line) => {
    out += `${line}\n`
    ready.resolve(JSON.parse(line) as { event: string; url: string })
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    log.push(line.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : { text: line })
  })
  const exited = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      ready.reject(new Error(`It ended with ${code}: ${JSON.stringify(log)}`))
      resolve(code)
    }),
  )
  if (child.pid === undefined) throw new Error('The process was not started.')
  return {
    pid: child.pid,
    ready: ready.promise,
    log,
    out: () => out,
    async logged(event, after = 0) {
      for (let attempt = 0; attempt < 400; attempt++) {
        const line = log.slice(after).find((entry) => entry['event'] === event)
        if (line) return line
        await pause(50)
      }
      throw new Error(`There is no "${event}" in ${JSON.stringify(log.slice(after))}`)
    },
    signal: (name) => void child.kill(name),
    exited,
  }
}
