import { verifyHouse } from '../authority/service/verify-house.ts'
import { type AuthorityRegistration, configuration, explained } from './authority-command.ts'
import { CommandError, exit } from './outcome.ts'

const afterForge =
  'Start no node on this database. docs/operate.md says what to do after a restore.'

/** `authority verify`: whether the log in the database is what was signed. */
export function addVerifyCommand({ authority, output, finish }: AuthorityRegistration): void {
  authority
    .command('verify')
    .description('Verify the log in the database, e.g. after a restore; exit 1: not sound')
    .option(...configuration)
    .action(async ({ config }: { config: string }) => {
      const { log, waiting, compared } = await explained(() => verifyHouse(config))
      if (!log)
        throw new CommandError('The database holds no log.', 'Name the database of an authority.')
      if (!log.ok) {
        const where = log.record === null ? 'No record' : `Record ${log.record}`
        output.out(`NOT SOUND. ${where}: ${log.reason}\n`)
        output.err(`${afterForge}\n`)
        return finish(exit.failed)
      }
      output.out(`SOUND: ${log.records} records, root ${log.root}\n`)
      output.out(
        compared
          ? 'It goes on from the checkpoint that this node kept.\n'
          : 'There is no kept checkpoint to compare with: an older state would look the same.\n',
      )
      if (waiting > 0) output.out(`${waiting} more records wait for their checkpoint.\n`)
    })
}
