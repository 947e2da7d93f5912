import { InvalidArgumentError } from 'commander'
import {
  issueToken,
  listTokens,
  maxTokenLife,
  revokeToken,
  type ServiceToken,
  tokenRequestSchema,
} from '../authority/directory/service-tokens.ts'
import { withHouse } from '../authority/service/open-house.ts'
import type { Services } from '../authority/services.ts'
import type { AuthorityRegistration } from './authority-command.ts'
import { configuration, explained } from './authority-command.ts'
import { CommandError, exit, json } from './outcome.ts'

interface Options {
  readonly config: string
}
interface IssueOptions extends Options {
  readonly name: string
  readonly owner: string
  readonly purpose: string
  readonly days: number
}

const day = 24 * 3_600_000

/** Opens the house of a configuration for as long as `work` takes. */
export type InHouse = <T>(
  config: string,
  work: (services: Pick<Services, 'db' | 'unit' | 'record' | 'now'>) => Promise<T>,
) => Promise<T>

const inRealHouse: InHouse = (config, work) => withHouse(config, ({ services }) => work(services))

/** `authority token issue|list|revoke`: tokens of machines, such as the hospital's directory (R20). */
export function addTokenCommands(
  { authority, output, finish }: AuthorityRegistration,
  inHouse: InHouse = inRealHouse,
): void {
  const token = authority
    .command('token')
    .description('Tokens by which machines reach SCIM (docs/directory.md)')

  token
    .command('issue')
    .description('Issue a token and print it; it is shown once')
    .requiredOption('--name <name>', 'names the machine in the record', name)
    .requiredOption('--owner <owner>', 'who answers for it: a team, not a person')
    .requiredOption('--purpose <purpose>', 'the task that it serves')
    .option('--days <n>', 'days until it ends, at most 365', days, 180)
    .option(...configuration)
    .action(async ({ config, name: of, owner, purpose, days: n }: IssueOptions) => {
      const request = requestOf({ name: of, owner, purpose, life: n * day })
      const issued = await explained(() =>
        inHouse(config, ({ unit, record }) => unit((work) => issueToken(record, work, request))),
      )
      if (!issued)
        throw new CommandError(
          `There was a token named ${of} before.`,
          'Names are never used again: the record means one machine by them. Take another.',
        )
      output.out(json({ name: of, token: issued.token, expiresAt: iso(issued.expiresAt) }))
      output.err('The token is shown once. Keep it where the directory keeps its secrets.\n')
    })

  token
    .command('list')
    .description('Every token with its owner, purpose, end and last use; never the token itself')
    .option(...configuration)
    .action(async ({ config }: Options) => {
      const tokens = await explained(() =>
        inHouse(config, async ({ db, now }) => {
          const rows = await listTokens(db.read)
          return rows.map((row) => tokenView(row, now()))
        }),
      )
      output.out(json(tokens))
    })

  token
    .command('revoke')
    .description('End a token at once')
    .argument('<name>')
    .option(...configuration)
    .action(async (of: string, { config }: Options) => {
      const revoked = await explained(() =>
        inHouse(config, ({ unit, record }) => unit((work) => revokeToken(record, work, of))),
      )
      output.out(json({ name: of, revoked }))
      finish(revoked ? exit.ok : exit.failed)
    })
}

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())

function tokenView(row: ServiceToken, now: number) {
  const { name: of, owner, purpose, scope } = row
  const ended = row.expires_at <= now ? 'expired' : 'active'
  return {
    name: of,
    owner,
    purpose,
    scope,
    status: row.revoked_at === null ? ended : 'revoked',
    createdAt: iso(row.created_at),
    expiresAt: iso(row.expires_at),
    lastUsedAt: iso(row.last_used_at),
  }
}

function requestOf(given: unknown) {
  const request = tokenRequestSchema.safeParse(given)
  if (request.success) return request.data
  const [issue] = request.error.issues
  throw new CommandError(
    `--${String(issue?.path[0])} is not what it has to be.`,
    'Owner and purpose are of 1 to 128 characters.',
  )
}

function name(given: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,31}$/.test(given)) return given
  throw new InvalidArgumentError('Small letters, digits and -, at most 32.')
}

function days(given: string): number {
  const n = Number(given)
  if (/^\d{1,3}$/.test(given) && n >= 1 && n * day <= maxTokenLife) return n
  throw new InvalidArgumentError('1 to 365.')
}
