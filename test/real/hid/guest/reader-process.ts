import { fork } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { ReaderCommand, ReaderMessage } from '../../../../main/badge/reader-messages.ts'
import { check, pause, until } from './suite.ts'

type Kind = ReaderMessage['type']
type Of<K extends Kind> = Extract<ReaderMessage, { type: K }>
type Command<K extends ReaderCommand['type']> = Extract<ReaderCommand, { type: K }>

export interface ReaderProcessOptions {
  /** Root without it. */
  readonly uid?: number
}

/** The built reader process of the product, as the agent starts it: it waits for `configure`. */
export function launchReaderProcess({ uid }: ReaderProcessOptions) {
  const child = fork('/app/guest/parent-port.js', [], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  const messages: ReaderMessage[] = []
  let heard = 0
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.on('message', (message) => messages.push(message as ReaderMessage))
  let exit: { readonly code: number | null; readonly signal: string | null } | null = null
  child.once('exit', (code, signal) => {
    exit = { code, signal }
  })
  const send = (command: ReaderCommand) => child.send(command)
  const fds = () => readdirSync(`/proc/${child.pid}/fd`)

  return {
    messages,
    send,
    configure: (settings: Partial<Omit<Command<'configure'>, 'type'>> = {}) =>
      send({
        type: 'configure',
        format: 'H10301',
        profiles: [],
        ports: [],
        avoid: [],
        pollMs: 50,
        debounceMs: 100,
        ...settings,
      }),
    /** The next message that fits; those before it count as heard. */
    async next<K extends Kind>(
      type: K,
      fits: (message: Of<K>) => boolean = () => true,
      ms = 8_000,
    ): Promise<Of<K>> {
      const found = () => {
        for (let at = heard; at < messages.length; at += 1) {
          const message = messages[at]
          if (message?.type === type && fits(message as Of<K>)) {
            return { at, message: message as Of<K> }
          }
        }
        return null
      }
      const describe = () =>
        `no ${type} that fits; since then: ${JSON.stringify(messages.slice(heard))}${stderr}`
      const { at, message } = await until(found, ms, describe)
      heard = at + 1
      return message
    },
    /** Since the last message that counts as heard, and for `ms` more, only states are said. */
    async quiet(ms: number) {
      await pause(ms)
      const said = messages.slice(heard).filter(({ type }) => type !== 'reader')
      check(said.length === 0, `expected no message, got ${JSON.stringify(said)}`)
      heard = messages.length
    },
    /** Everything so far counts as heard. */
    catchUp() {
      heard = messages.length
    },
    /** How many descriptors of `path` the process holds. */
    holds: (path: string) =>
      fds().filter((fd) => {
        try {
          return readlinkSync(`/proc/${child.pid}/fd/${fd}`).startsWith(path)
        } catch {
          return false
        }
      }).length,
    /** CPU time of all its threads so far, ms. */
    cpuMs: () =>
      readdirSync(`/proc/${child.pid}/task`).reduce((sum, task) => {
        const [ns = '0'] = readFileSync(`/proc/${child.pid}/task/${task}/schedstat`, 'utf8').split(
          ' ',
        )
        return sum + Number(ns) / 1e6
      }, 0),
    /** As the agent's end is heard. */
    disconnect: () => child.disconnect(),
    signal: (name: NodeJS.Signals) => child.kill(name),
    exited: (ms: number) =>
      until(
        () => exit,
        ms,
        () => `still running after ${ms} ms`,
      ),
    kill() {
      if (!exit) child.kill('SIGKILL')
    },
  }
}
export type ReaderProcess = ReturnType<typeof launchReaderProcess>

/** More would not fit into the guest's memory. */
const ahead = 3

/**
 * Loads processes in the background, which takes seconds on an emulated CPU: one after the other, a
 * few ahead of the one that is wanted. The answer hands them out in the order of `wanted`.
 */
export function stockReaderProcesses(wanted: readonly ReaderProcessOptions[]) {
  const stock: Promise<ReaderProcess>[] = []
  let last: Promise<unknown> = Promise.resolve()
  const [...left] = wanted
  function load() {
    const options = left.shift()
    if (!options) return
    const loaded = last.then(async () => {
      const process = launchReaderProcess(options)
      await process.next('reader', ({ state }) => state === 'starting', 30_000)
      return process
    })
    last = loaded
    stock.push(loaded)
  }
  for (let count = 0; count < ahead; count += 1) load()
  return async (): Promise<ReaderProcess> => {
    const next = stock.shift()
    load()
    check(next !== undefined, 'more processes are used than were stocked')
    return next
  }
}
