import { unlockPasskeys } from '../authority/passkeys/unlock-passkeys.ts'
import type { AuthorityRegistration } from './authority-command.ts'
import { CommandError, json } from './outcome.ts'
import {
  aboutPerson,
  forPerson,
  type InHouse,
  type PersonOptions,
  personRefusals,
} from './person-argument.ts'

/** `authority passkey unlock`: for somebody who was locked out by failed attempts. */
export function addPasskeyCommands(
  { authority, output }: AuthorityRegistration,
  inHouse?: InHouse,
): void {
  const passkey = authority.command('passkey').description('Passkeys of people (docs/operate.md)')

  aboutPerson(
    passkey
      .command('unlock')
      .description('Forget the failed attempts with the passkeys of one person'),
  ).action(async (given: string | undefined, options: PersonOptions) => {
    const { personId, done } = await forPerson(
      given,
      options,
      ({ services }, of) => services.unit((work) => unlockPasskeys(services, work, of)),
      inHouse,
    )
    if (done.outcome === 'refused') {
      const { message, advice } = personRefusals[done.reason]
      throw new CommandError(message, advice)
    }
    output.out(json({ person: personId, unlocked: done.passkeys }))
  })
}
