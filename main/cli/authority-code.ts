import { userInfo } from 'node:os'
import { personOfUser } from '../authority/directory/person-of-user.ts'
import { issueCode } from '../authority/passkeys/issue-code.ts'
import { type House, withHouse } from '../authority/service/open-house.ts'
import type { AuthorityRegistration } from './authority-command.ts'
import { configuration, explained } from './authority-command.ts'
import { CommandError, json } from './outcome.ts'

interface Options {
  readonly config: string
  readonly userName?: string
  readonly replace: boolean
}

/** Opens the house of a configuration for as long as `work` takes. */
export type InHouse = <T>(
  config: string,
  work: (house: Pick<House, 'services' | 'endSession'>) => Promise<T>,
) => Promise<T>

const refusals = {
  unknown: {
    message: 'Nobody here has this id.',
    advice: 'Whoever has no role here is not known: docs/directory.md.',
  },
  disabled: {
    message: 'The account of this person is closed.',
    advice: 'Open it in the directory first; nothing was changed.',
  },
  'has-passkey': {
    message: 'This person has a passkey.',
    advice:
      'With it they add another in their own session. When all are lost: --replace, which revokes them and ends their sessions.',
  },
} as const

/** `authority code issue`: the code by which somebody enrols their first passkey. */
export function addCodeCommands(
  { authority, output }: AuthorityRegistration,
  inHouse: InHouse = withHouse,
): void {
  const code = authority
    .command('code')
    .description('Codes by which people enrol a passkey (docs/directory.md)')

  code
    .command('issue')
    .description('Issue a code for one person and print it; it is shown once')
    .argument('[personId]', 'the id of the person in the record')
    .option('--user-name <name>', 'instead of the id: the userName in the directory')
    .option('--replace', 'revoke the passkeys that the person has, and end their sessions', false)
    .option(...configuration)
    .action(async (given: string | undefined, { config, userName, replace }: Options) => {
      if ((given === undefined) === (userName === undefined))
        throw new CommandError('Whose code?', 'Name the id of the person, or --user-name.')
      const { personId, issued } = await explained(() =>
        inHouse(config, async ({ services, endSession }) => {
          const found = given ?? (await personOfUser(services.db.read, userName ?? '')) ?? ''
          const of = { personId: found, replace, by: userInfo().username }
          const done = await services.unit((work) =>
            issueCode({ ...services, endSession }, work, of),
          )
          return { personId: found, issued: done }
        }),
      )
      if (issued.outcome === 'refused') {
        const { message, advice } = refusals[issued.reason]
        throw new CommandError(message, advice)
      }
      const { code: once, expiresAt, revoked } = issued
      const until = new Date(expiresAt).toISOString()
      output.out(json({ person: personId, code: once, expiresAt: until, revoked }))
      output.err(
        'The code is shown once. Give it to this person only, after seeing who they are.\n',
      )
    })
}
