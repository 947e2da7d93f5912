import { open } from 'node:fs/promises'
import { AuditError } from '../audit/index.ts'
import { log } from '../authority/log.ts'
import { createKeys } from '../authority/service/keys.ts'
import { ConfigError } from '../authority/service/read-config.ts'
import { runService } from '../authority/service/run-service.ts'
import { describeError } from '../describe-error.ts'
import { StoreError } from '../store/port.ts'
import { CommandError, exit } from './outcome.ts'
import type { Registration } from './registration.ts'

const configuration = [
  '--config <file>',
  'configuration of the authority',
  'authority.yaml',
] as const

/** `authority serve|keys`: the authority as a hospital's service. */
export function addAuthorityCommands({ program, output, finish }: Registration): void {
  const authority = program
    .command('authority')
    .description("Run the hospital's authority (docs/operate.md)")

  authority
    .command('serve')
    .description('Serve; prints one line of JSON when it does, and runs until SIGTERM')
    .option(...configuration)
    .action(async ({ config }: { config: string }) => {
      const ended = await explained(() =>
        runService({
          path: config,
          onReady: (url) => output.out(`${JSON.stringify({ event: 'ready', url })}\n`),
        }),
      )
      finish(ended ? exit.ok : exit.failed)
    })

  authority
    .command('keys')
    .description('Make the keys of a new authority; every node gets a copy of the file')
    .requiredOption('--out <file>', 'file to write; it must not exist')
    .action(async ({ out }: { out: string }) => {
      await writeNew(out, `${JSON.stringify(createKeys(), null, 2)}\n`)
      output.err(
        `The keys are in ${out}. Keep a copy where backups of the database are not kept.\n`,
      )
    })
}

/** What an operator can mend ends with a message and exit code 2. */
export async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ConfigError)
      throw new CommandError(error.message, 'docs/operate.md describes every key.', {
        cause: error,
      })
    if (error instanceof StoreError || error instanceof AuditError)
      throw new CommandError(error.message, error.advice, { cause: error })
    const { code, syscall } = error as NodeJS.ErrnoException
    if (syscall === 'listen')
      throw new CommandError(
        `The port cannot be opened (${code}).`,
        'Change listen.port or metrics.listen.port, or stop the program that has it.',
      )
    if (error instanceof CommandError) throw error
    // Messages of libraries may name people.
    log('error', 'failed', describeError(error))
    throw new CommandError('The authority failed.', 'The line above names the place.', {
      cause: error,
    })
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new CommandError(
      code === 'EEXIST' ? `${path} is there already.` : `${path} cannot be written (${code}).`,
      code === 'EEXIST'
        ? 'Keys are never replaced: badges, codes and the log depend on them. Name another file.'
        : 'Name a folder that this account may write to.',
    )
  }
}
