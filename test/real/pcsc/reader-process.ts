import { fork } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ReaderCommand, ReaderMessage } from '../../../main/badge/reader-messages.ts'
import type { SiteProfile } from '../../../main/badge/site-profile.ts'
import { check, pause, until } from '../hid/guest/suite.ts'

type Kind = ReaderMessage['type']
type Of<K extends Kind> = Extract<ReaderMessage, { type: K }>

/** The built reader process of the product for PC/SC, as the agent starts it. */
export function launchReaderProcess({ product }: { readonly product: string }) {
  const entry = fileURLToPath(new URL('parent-port.ts', import.meta.url))
  const child = fork(entry, [product, '--transport', 'pcsc'], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
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
    configure: (profiles: readonly SiteProfile[] = []) =>
      send({
        type: 'configure',
        format: 'raw',
        profiles: [...profiles],
        ports: [],
        avoid: [],
        pollMs: 150,
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
    /** Since the last message that counts as heard, and for `ms` more, nothing is said of cards. */
    async quiet(ms: number) {
      await pause(ms)
      const said = messages
        .slice(heard)
        .filter(({ type }) => ['tap', 'gone', 'two-badges', 'inspection'].includes(type))
      check(said.length === 0, `expected no message, got ${JSON.stringify(said)}`)
      heard = messages.length
    },
    /** What it wrote to standard error. */
    stderr: () => stderr,
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
