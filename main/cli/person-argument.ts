import type { Command } from 'commander'
import { accountName } from '../account-name.ts'
import { personOfUser } from '../authority/directory/person-of-user.ts'
import type { Services } from '../authority/services.ts'
import { type House, withHouse } from '../authority/service/open-house.ts'
import { configuration, explained } from './authority-command.ts'
import { CommandError } from './outcome.ts'

/** Opens the house of a configuration for as long as `work` takes. */
export type InHouse = <T>(
  config: string,
  work: (house: Pick<House, 'services' | 'endSession'>) => Promise<T>,
) => Promise<T>

/** Why a command about a person does nothing. */
export const personRefusals = {
  unknown: {
    message: 'Nobody here has this id.',
    advice: 'Whoever has no role here is not known: docs/directory.md.',
  },
  disabled: {
    message: 'The account of this person is closed.',
    advice: 'Open it in the directory first; nothing was changed.',
  },
} as const

export interface PersonOptions {
  readonly config: string
  readonly userName?: string
}

/** Adds the argument and the options by which a command names one person. */
export const aboutPerson = (command: Command): Command =>
  command
    .argument('[personId]', 'the id of the person in the record')
    .option('--user-name <name>', 'instead of the id: the userName in the directory')
    .option(...configuration)

/** Runs `work` in the house, for the person who was named, by the account that runs the command. */
export async function forPerson<T>(
  given: string | undefined,
  { config, userName }: PersonOptions,
  work: (
    house: Pick<House, 'services' | 'endSession'>,
    of: { readonly personId: string; readonly by: string },
  ) => Promise<T>,
  inHouse: InHouse = withHouse,
): Promise<{ readonly personId: string; readonly done: T }> {
  if ((given === undefined) === (userName === undefined))
    throw new CommandError('Which person?', 'Name the id of the person, or --user-name.')
  return explained(() =>
    inHouse(config, async (house) => {
      const personId = given ?? (await idOf(house.services, userName ?? ''))
      return { personId, done: await work(house, { personId, by: accountName() }) }
    }),
  )
}

const idOf = async ({ db }: Pick<Services, 'db'>, userName: string): Promise<string> =>
  (await personOfUser(db.read, userName)) ?? ''
