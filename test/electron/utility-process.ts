import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ForkOptions, UtilityProcess } from 'electron'
import { Emitter } from './emitter.ts'
import { requireReady, type Runtime } from './runtime.ts'
import { guarded, UnsupportedError } from './unsupported.ts'

const bootstrap = new URL('utility-bootstrap.ts', import.meta.url).href

/** A child made by `utilityProcess.fork`: a real process of Node, with `process.parentPort`. */
export class StandInUtilityProcess
  extends Emitter
  implements Pick<UtilityProcess, 'kill' | 'pid' | 'postMessage'>
{
  readonly #child: ChildProcess
  #gone = false

  constructor(runtime: Runtime, modulePath: string, args: readonly string[], options: ForkOptions) {
    super(['error', 'exit', 'message', 'spawn'])
    const { env = process.env, execArgv = [], cwd, stdio = 'inherit' } = options
    const outputs = [stdio].flat()
    const output = (at: number) => (outputs[at] ?? outputs[0] ?? 'inherit') as 'pipe'
    this.#child = fork(modulePathOf(modulePath), [...args], {
      execPath: process.execPath,
      execArgv: [...execArgv, '--import', bootstrap],
      env: { ...env },
      ...(cwd === undefined ? {} : { cwd }),
      stdio: ['ignore', output(1), output(2), 'ipc'],
      serialization: 'advanced',
    })
    runtime.utilityProcesses.add(this)
    this.#child.once('spawn', () => this.emit('spawn'))
    this.#child.on('message', (message) => this.emit('message', message))
    this.#child.on('error', (error) => this.emit('error', 'FatalError', '', String(error)))
    this.#child.once('exit', (code) => {
      this.#gone = true
      runtime.utilityProcesses.delete(this)
      this.emit('exit', code ?? 1)
    })
  }

  get pid(): number | undefined {
    return this.#gone ? undefined : this.#child.pid
  }

  get stdout(): NodeJS.ReadableStream | null {
    return this.#child.stdout
  }

  get stderr(): NodeJS.ReadableStream | null {
    return this.#child.stderr
  }

  postMessage(message: unknown, transfer: readonly unknown[] = []): void {
    if (transfer.length > 0)
      throw new UnsupportedError('the transfer of ports to utility processes')
    if (this.#gone) return
    // A child that ends meanwhile reports it by `exit`.
    this.#child.send(message as object, () => undefined)
  }

  kill(): boolean {
    return !this.#gone && this.#child.kill()
  }
}

const modulePathOf = (path: string) => (path.startsWith('file:') ? fileURLToPath(path) : path)

/** The module `utilityProcess`. */
export const createUtilityProcessModule = (runtime: Runtime) =>
  guarded('utilityProcess', {
    fork: (modulePath: string, args: readonly string[] = [], options: ForkOptions = {}) => {
      requireReady(runtime, 'utilityProcess cannot be created before app is ready.')
      return new StandInUtilityProcess(runtime, modulePath, args, options)
    },
  })
