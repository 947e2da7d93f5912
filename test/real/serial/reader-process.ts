import { fork } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type {
  ReaderCommand,
  ReaderMessage,
  SerialPortSetting,
} from '../../../main/badge/reader-messages.ts'
import { check, pause, until } from '../hid/guest/suite.ts'

type Kind = ReaderMessage['type']
type Of<K extends Kind> = Extract<ReaderMessage, { type: K }>

export interface ReaderProcessOptions {
  /** Path of the bundle. */
  readonly product: string
  readonly uid?: number
}

/** The reader process of the product for serial ports, as the agent starts it. */
export function launchReaderProcess({ product, uid }: ReaderProcessOptions) {
  const entry = fileURLToPath(new URL('parent-port.ts', import.meta.url))
  const child = fork(entry, [product, '--transport', 'serial'], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
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
  const send = (command: ReaderCommand) => void child.send(command)

  return {
    send,
    configure: (ports: readonly SerialPortSetting[], pollMs: number) =>
      send({
        type: 'configure',
        format: 'H10301',
        profiles: [{ reader: '*', cards: 'text', length: 4, prefix: '' }],
        ports: [...ports],
        avoid: [],
        pollMs,
        debounceMs: 100,
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
          if (message?.type === type && fits(message as Of<K>))
            return { at, message: message as Of<K> }
        }
        return null
      }
      const { at, message } = await until(
        found,
        ms,
        () => `no ${type} that fits; since then: ${JSON.stringify(messages.slice(heard))}${stderr}`,
      )
      heard = at + 1
      return message
    },
    /** Since the last message that counts as heard, and for `ms` more, only states are said. */
    async quiet(ms: number) {
      await pause(ms)
      const said = messages
        .slice(heard)
        .filter(({ type }) => !['reader', 'opening', 'opened', 'quality'].includes(type))
      check(said.length === 0, `expected no message, got ${JSON.stringify(said)}`)
      heard = messages.length
    },
    /** Everything so far counts as heard. */
    catchUp() {
      heard = messages.length
    },
    /** CPU time of all its threads so far, ms. */
    cpuMs: () =>
      readdirSync(`/proc/${child.pid}/task`).reduce((sum, task) => {
        const stat = readFileSync(`/proc/${child.pid}/task/${task}/schedstat`, 'utf8')
        return sum + Number(stat.split(' ')[0]) / 1e6
      }, 0),
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
