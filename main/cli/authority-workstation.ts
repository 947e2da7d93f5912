import { InvalidArgumentError } from 'commander'
import { accountName } from '../account-name.ts'
import { createWorkstationRegister } from '../authority/machines/register.ts'
import type { IssuedToken, WorkstationRegister } from '../authority/machines/index.ts'
import { withHouse } from '../authority/service/open-house.ts'
import type { AuthorityRegistration } from './authority-command.ts'
import { configuration, explained } from './authority-command.ts'
import { json } from './outcome.ts'

interface Options {
  readonly config: string
}
interface TokenOptions extends Options {
  readonly hours: number
}

const life = ['--hours <n>', 'how long the token waits for its machine', hours, 24] as const

/** `authority workstation add|list|token|disable|enable`: the machines of the house. */
export function addWorkstationCommands({ authority, output }: AuthorityRegistration): void {
  const workstation = authority
    .command('workstation')
    .description('Add workstations, let them enrol, take them out of service')
  const by = accountName()
  const inHouse = <T>(config: string, work: (register: WorkstationRegister) => Promise<T>) =>
    explained(() =>
      withHouse(config, ({ services, endSession }) =>
        work(createWorkstationRegister({ ...services, endSession })),
      ),
    )
  const tell = (id: string, { token, expiresAt }: IssuedToken) => {
    output.out(json({ workstation: id, token, expiresAt: new Date(expiresAt).toISOString() }))
    output.err('The token is shown once. Give it to this machine only: docs/machines.md.\n')
  }

  workstation
    .command('add')
    .description('Add a workstation; prints the token by which its machine enrols')
    .argument('<id>', 'its id, which never changes: small letters, digits, - and .', id)
    .requiredOption('--name <name>', 'its name, as people see it', text(1, 40))
    .option('--place <place>', 'ward or room', text(0, 40), '')
    .option(...life)
    .option(...configuration)
    .action(
      async (
        of: string,
        { config, name, place, hours: h }: TokenOptions & { name: string; place: string },
      ) => {
        const entry = { id: of, name, place, by, life: h * 3_600_000 }
        tell(of, await inHouse(config, (register) => register.add(entry)))
      },
    )

  workstation
    .command('token')
    .description(
      'Issue a token for a machine that is to enrol anew; its key of before is revoked then',
    )
    .argument('<id>')
    .option(...life)
    .option(...configuration)
    .action(async (of: string, { config, hours: h }: TokenOptions) => {
      const entry = { id: of, by, life: h * 3_600_000 }
      tell(of, await inHouse(config, (register) => register.issueToken(entry)))
    })

  workstation
    .command('list')
    .description('Every workstation, whether a machine is enrolled, and when it was last seen')
    .option(...configuration)
    .action(async ({ config }: Options) => {
      const entries = await inHouse(config, (register) => register.list())
      const when = (at: number | null) => (at === null ? null : new Date(at).toISOString())
      output.out(json(entries.map((each) => ({ ...each, lastSeenAt: when(each.lastSeenAt) }))))
    })

  workstation
    .command('disable')
    .description('Take it out of service: its sessions end and its machine is cut off within 2 s')
    .argument('<id>')
    .option(...configuration)
    .action(async (of: string, { config }: Options) => {
      const changed = await inHouse(config, (register) => register.disable({ id: of, by }))
      output.out(json({ workstation: of, status: 'disabled', changed }))
    })

  workstation
    .command('enable')
    .description('Back into service, with the key that it had')
    .argument('<id>')
    .option(...configuration)
    .action(async (of: string, { config }: Options) => {
      const changed = await inHouse(config, (register) => register.enable({ id: of, by }))
      output.out(json({ workstation: of, status: 'active', changed }))
    })
}

function id(given: string): string {
  if (/^[a-z0-9][a-z0-9.-]{0,63}$/.test(given)) return given
  throw new InvalidArgumentError('Small letters, digits, - and ., at most 64.')
}

function text(least: number, most: number): (given: string) => string {
  return (given) => {
    if (given.length >= least && given.length <= most) return given
    throw new InvalidArgumentError(`${least} to ${most} characters.`)
  }
}

function hours(given: string): number {
  const value = Number(given)
  if (value >= 1 && value <= 168) return value
  throw new InvalidArgumentError('1 to 168 hours.')
}
