import { issueCode } from '../authority/passkeys/issue-code.ts'
import type { AuthorityRegistration } from './authority-command.ts'
import { CommandError, json } from './outcome.ts'
import {
  aboutPerson,
  forPerson,
  type InHouse,
  type PersonOptions,
  personRefusals,
} from './person-argument.ts'

interface Options extends PersonOptions {
  readonly replace: boolean
}

const refusals = {
  ...personRefusals,
  'has-passkey': {
    message: 'This person has a passkey.',
    advice:
      'With it they add another in their own session. When all are lost: --replace, which revokes them and ends their sessions.',
  },
} as const

/** `authority code issue`: the code by which somebody enrols their first passkey. */
export function addCodeCommands(
  { authority, output }: AuthorityRegistration,
  inHouse?: InHouse,
): void {
  const code = authority
    .command('code')
    .description('Codes by which people enrol a passkey (docs/directory.md)')

  aboutPerson(
    code
      .command('issue')
      .description('Issue a code for one person and print it; it is shown once')
      .option(
        '--replace',
        'revoke the passkeys that the person has, and end their sessions',
        false,
      ),
  ).action(async (given: string | undefined, options: Options) => {
    const { replace } = options
    const { personId, done: issued } = await forPerson(
      given,
      options,
      ({ services, endSession }, of) =>
        services.unit((work) => issueCode({ ...services, endSession }, work, { ...of, replace })),
      inHouse,
    )
    if (issued.outcome === 'refused') {
      const { message, advice } = refusals[issued.reason]
      throw new CommandError(message, advice)
    }
    const { code: once, expiresAt, revoked } = issued
    const until = new Date(expiresAt).toISOString()
    output.out(json({ person: personId, code: once, expiresAt: until, revoked }))
    output.err('The code is shown once. Give it to this person only, after seeing who they are.\n')
  })
}
