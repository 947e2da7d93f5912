import { open } from 'node:fs/promises'
import { createKeys } from '../authority/service/keys.ts'
import { runService } from '../authority/service/run-service.ts'
import { configuration, explained } from './authority-command.ts'
import { addCodeCommands } from './authority-code.ts'
import { addPasskeyCommands } from './authority-passkey.ts'
import { addPolicyCommand } from './authority-policy.ts'
import { addSeedCommand } from './authority-seed.ts'
import { addTokenCommands } from './authority-token.ts'
import { addVerifyCommand } from './authority-verify.ts'
import { addWorkstationCommands } from './authority-workstation.ts'
import { CommandError, exit } from './outcome.ts'
import type { Registration } from './registration.ts'

/** `authority serve|keys|seed|policy|verify`: the authority as a hospital's service. */
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

  for (const add of [
    addSeedCommand,
    addPolicyCommand,
    addVerifyCommand,
    addWorkstationCommands,
    addTokenCommands,
    addCodeCommands,
    addPasskeyCommands,
  ])
    add({ authority, output, finish })
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
