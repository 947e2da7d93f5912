import type { Command } from 'commander'
import { AuditError } from '../audit/index.ts'
import { CallFailure } from '../authority/context.ts'
import { log } from '../authority/log.ts'
import { ConfigError } from '../authority/service/read-config.ts'
import { describeError } from '../describe-error.ts'
import { StoreError } from '../store/port.ts'
import { CommandError } from './outcome.ts'
import type { Registration } from './registration.ts'

/** For a module with commands below `authority`. */
export interface AuthorityRegistration extends Pick<Registration, 'output' | 'finish'> {
  readonly authority: Command
}

/** The option that every one of them has. */
export const configuration = [
  '--config <file>',
  'configuration of the authority',
  'authority.yaml',
] as const

/** What an operator can mend ends with a message and exit code 2. */
export async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CommandError) throw error
    if (error instanceof ConfigError)
      throw new CommandError(error.message, 'docs/operate.md describes every key.', {
        cause: error,
      })
    if (error instanceof StoreError || error instanceof AuditError)
      throw new CommandError(error.message, error.advice, { cause: error })
    if (error instanceof CallFailure)
      throw new CommandError(error.message, 'Nothing was changed.', { cause: error })
    const { code, syscall } = error as NodeJS.ErrnoException
    if (syscall === 'listen')
      throw new CommandError(
        `The port cannot be opened (${code}).`,
        'Change listen.port or metrics.listen.port, or stop the program that has it.',
      )
    // Messages of libraries may name people.
    log('error', 'failed', describeError(error))
    throw new CommandError('The authority failed.', 'The line above names the place.', {
      cause: error,
    })
  }
}
