import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'vitest'
import type { Found } from './crash-check.ts'

const file = (name: string) => join(import.meta.dirname, name)

export interface Writer {
  readonly child: ChildProcess
  /** Numbers that were acknowledged, and codes of writes that were refused, as they come. */
  readonly acknowledged: number[]
  readonly refused: string[]
  readonly ready: Promise<void>
  /** Kills it outright and resolves when everything it said has been read. */
  kill(): Promise<void>
}

export interface WriterOptions {
  readonly database: string
  /** File that gets each number without a flush: what a power cut must lose. */
  readonly unsynced?: string
  /** Put before the command, e.g. strace and its options. */
  readonly under?: readonly string[]
}

export function startWriter({ database, unsynced, under = [] }: WriterOptions): Writer {
  const command = [...under, process.execPath, file('crash-writer.ts'), database]
  if (unsynced !== undefined) command.push(unsynced)
  const [program = '', ...parameters] = command
  const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'] })
  const acknowledged: number[] = []
  const refused: string[] = []
  const ready = Promise.withResolvers<void>()
  let complaint = ''
  // Under strace the child is strace, and killing that lets the writer run on.
  let pid: number | null = null
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()))
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    if (line.startsWith('ready ')) {
      pid = Number(line.slice(6))
      ready.resolve()
    } else if (line.startsWith('refused ')) refused.push(line.slice(8))
    else acknowledged.push(Number(line))
  })
  const exited = once(child, 'close')
  void exited.then(() => ready.reject(new Error(`The writer ended: ${complaint}`)))
  // Whoever kills it before it is ready does not wait for it.
  ready.promise.catch(() => {})
  return {
    child,
    acknowledged,
    refused,
    ready: ready.promise,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      if (pid !== null) process.kill(pid, 'SIGKILL')
      else child.kill('SIGKILL')
      await exited
    },
  }
}

/** What a fresh process finds in the database. */
export async function check(database: string): Promise<Found> {
  const child = spawn(process.execPath, [file('crash-check.ts'), database], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number]
  expect(code, 'exit code of crash-check.ts').toBe(0)
  return JSON.parse(text) as Found
}

/** The promise of the store: what was acknowledged is there, whole, recorded, and proven. */
export function expectKept(found: Found, acknowledged: readonly number[]): void {
  expect(found).toMatchObject({
    sound: true,
    integrity: 'ok',
    recorded: found.rows,
    log: { ok: true },
  })
  expect(found.rows).toBeGreaterThanOrEqual(Math.max(0, ...acknowledged.slice(-64)))
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
