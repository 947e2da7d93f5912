import { once } from 'node:events'
import { join } from 'node:path'
import { accountName } from '../account-name.ts'
import { createHidSource } from '../badge/hid-source.ts'
import { createNodeHidPort } from '../badge/node-hid-port.ts'
import { createNodeSerialPort } from '../badge/node-serial-port.ts'
import { createPcscMiniPort } from '../badge/pcsc-mini-port.ts'
import { createPcscSource } from '../badge/pcsc-source.ts'
import type { Transport } from '../badge/reader-messages.ts'
import type { ReaderSource } from '../badge/reader.ts'
import { createSerialSource } from '../badge/serial-source.ts'
import { recordOnce } from '../audit/record-once.ts'
import { filePolicySource } from '../policy/policy-source.ts'
import { describeReport, readPolicy } from '../policy/read-policy.ts'
import { defaultDataFolder, policyFile } from './data-folder.ts'
import { listen } from './listen.ts'
import { readLogSeed } from './log-seed.ts'
import { CommandError, exit } from './outcome.ts'
import type { Registration } from './registration.ts'

export interface ListenParts {
  readonly sources: Readonly<Record<Transport, () => ReaderSource>>
  /** Resolves when listening shall end. */
  readonly ended: () => Promise<unknown>
}

const realParts: ListenParts = {
  sources: {
    hid: () => createHidSource({ hid: createNodeHidPort() }),
    pcsc: () => createPcscSource({ pcsc: createPcscMiniPort() }),
    serial: () => createSerialSource({ serial: createNodeSerialPort() }),
  },
  ended: () => Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]),
}

/** `badge listen`: what the readers of this machine read, tap by tap, until it is interrupted. */
export function addListenCommand(
  { output, finish }: Registration,
  badge: Registration['program'],
  parts: ListenParts = realParts,
): void {
  badge
    .command('listen')
    .description('Print taps as JSON lines until interrupted; end the agent first')
    .option('--data <folder>', 'data folder of the agent', defaultDataFolder())
    .option('--policy <file>', 'policy file instead of the one in the data folder')
    .option('--count <taps>', 'end after so many taps')
    .option('--reveal', 'print the numbers of badges; who asked is recorded in the log first')
    .action(async (options: { data: string; policy?: string; count?: string; reveal?: true }) => {
      const path = options.policy ?? join(options.data, policyFile)
      const { policy, report } = readPolicy([filePolicySource(path)])
      for (const entry of report) output.err(`${describeReport(entry)}\n`)
      const limit = options.count === undefined ? Infinity : countOf(options.count)
      if (options.reveal) await record(options.data)
      let enough = () => {}
      const counted = new Promise<void>((resolve) => (enough = resolve))
      let taps = 0
      const listening = listen({
        sources: policy['badge.transports'].map((transport) => parts.sources[transport]()),
        policy,
        reveal: options.reveal ?? false,
        print: (line) => {
          if (taps >= limit) return
          output.out(`${JSON.stringify(line)}\n`)
          taps += 1
          if (taps >= limit) enough()
        },
        say: (sentence) => output.err(`${sentence}\n`),
      })
      await Promise.race([parts.ended(), counted])
      await listening.stop()
      finish(exit.ok)
    })
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new CommandError(`--count ${text} is no number of taps.`, 'Expected 1 to 999999.')
}

/** No digit is printed before the record that it will be is on the disk. */
async function record(dataFolder: string): Promise<void> {
  const seed = await readLogSeed({ dataFolder })
  const written = await recordOnce({
    dataDirectory: dataFolder,
    seed,
    event: 'badge.listened',
    detail: { reveal: true, account: accountName() },
  })
  if (!written.ok)
    throw new CommandError(
      `Numbers are revealed only with a record, and none could be written: ${written.message}`,
      written.advice,
    )
}
