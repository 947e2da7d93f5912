import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks per second of /proc on every Linux that Node runs on. */
const ticks = 100

/** From here on this process, what it starts and the databases among it leave core 0 alone. */
export const pinSelf = () => execFileSync('taskset', ['-a', '-cp', '1', String(process.pid)])

export interface ServerProcess {
  readonly url: string
  readonly pid: number
  /** CPU time of all its threads so far, in µs; whole ticks of 10 ms. */
  cpu(): number
  usage(): { readonly rssMb: number; readonly fds: number }
  /** Asks it to do something that only the process itself can; resolves with its answer. */
  ask(what: string): Promise<unknown>
  kill(signal?: NodeJS.Signals): Promise<void>
}

/** Every flush of what is started takes this much longer, as on a disk without power-loss protection. */
export const slowFlush = (ms: number): readonly string[] =>
  ms === 0
    ? []
    : // With -D the process that was asked for keeps the pid that was started.
      ['strace', '-D', '-f', '--seccomp-bpf', '-qq', '-o', '/dev/null'].concat([
        '-e',
        'trace=fsync,fdatasync',
        '-e',
        `inject=fsync,fdatasync:delay_exit=${ms * 1000}`,
      ])

export interface StartOptions {
  readonly script: string
  readonly settings: object
  readonly core?: number
  readonly flushDelay?: number
  readonly execArgv?: readonly string[]
}

/** Starts a server in a process of its own on one core; resolves when it serves. */
export async function startServer(options: StartOptions): Promise<ServerProcess> {
  const { script, settings, core = 0, flushDelay = 0, execArgv = [] } = options
  const pinned = ['taskset', '-c', String(core), process.execPath]
  const [command = '', ...before] = [...slowFlush(flushDelay), ...pinned, ...execArgv]
  const child = fork(script, [JSON.stringify(settings)], {
    execPath: command,
    execArgv: before,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const { url } = (await answerOf(child)) as { url: string }
  const pid = child.pid ?? 0
  return {
    url,
    pid,
    cpu: () => cpuOf(pid),
    usage: () => usageOf(pid),
    async ask(what) {
      child.send(what)
      return ((await answerOf(child)) as { value: unknown }).value
    },
    async kill(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill(signal)
      await gone
    },
  }
}

function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('The server ended.'))
    child.once('exit', onExit)
    child.once('message', (message) => {
      child.off('exit', onExit)
      resolve(message)
    })
  })
}

/** Fields of /proc/<pid>/stat behind the name, the state first. */
const statOf = (pid: number) =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .map(Number)
const microseconds = (...ticksSpent: readonly (number | undefined)[]) =>
  (ticksSpent.reduce<number>((sum, one) => sum + (one ?? 0), 0) * 1_000_000) / ticks

/** CPU time of a process and its threads, µs. */
export function cpuOf(pid: number): number {
  const stat = statOf(pid)
  return microseconds(stat[11], stat[12])
}

/** CPU time of the children, those that have ended included: what PostgreSQL spent on its connections. */
export function cpuOfChildren(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  const stat = statOf(pid)
  let sum = microseconds(stat[13], stat[14])
  for (const child of children)
    try {
      sum += cpuOf(Number(child))
    } catch {
      // It ended meanwhile.
    }
  return sum
}

export function usageOf(pid: number): { readonly rssMb: number; readonly fds: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kb = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
  return { rssMb: kb / 1024, fds: readdirSync(`/proc/${pid}/fd`).length }
}
