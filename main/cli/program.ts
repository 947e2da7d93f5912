import { Command, CommanderError } from 'commander'
import { addAuditCommands } from './audit.ts'
import { addAuthorityCommands } from './authority.ts'
import { addBadgeCommands } from './badge.ts'
import { addDoctorCommand } from './doctor.ts'
import { addEnrolCommand } from './enrol.ts'
import { CommandError, exit, type ExitCode, type Output } from './outcome.ts'
import { addPolicyCommands } from './policy.ts'
import type { Registration } from './registration.ts'
import { readVersion } from './version.ts'

/**
 * Runs one command line (without the program's own name) to its exit code. Rejects only for bugs:
 * wrong arguments and things that cannot be read end with a message on `err` and code 2.
 */
export async function runProgram(args: readonly string[], output: Output): Promise<ExitCode> {
  let code: ExitCode = exit.ok
  const program = new Command('lanyard')
    .description('Lanyard, the sign-in agent for shared clinical workstations')
    .version(await readVersion(), '-v, --version')
    .configureOutput({ writeOut: output.out, writeErr: output.err })
    .showHelpAfterError('Run "lanyard --help" for the commands.')
    .exitOverride()
  const registration: Registration = { program, output, finish: (next) => (code = next) }
  addDoctorCommand(registration)
  addAuditCommands(registration)
  addAuthorityCommands(registration)
  addBadgeCommands(registration)
  addEnrolCommand(registration)
  addPolicyCommands(registration)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.ok : exit.unable
    if (!(error instanceof CommandError)) throw error
    output.err(`${error.message}\n${error.advice}\n`)
    return exit.unable
  }
}
