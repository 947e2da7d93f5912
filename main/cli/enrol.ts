import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text as readStream } from 'node:stream/consumers'
import { z } from 'zod'
import { enrolMachine } from '../machine/enrol-machine.ts'
import { createMachinePost } from '../machine/machine-post.ts'
import { systemSecureContext } from '../machine/system-trust.ts'
import { faultOfEnrolment } from '../open-machine.ts'
import { authorityUrlSchema } from '../site.ts'
import { describeVault, openVault, type OpenVaultOptions, VaultError } from '../vault/index.ts'
import { defaultDataFolder } from './data-folder.ts'
import { CommandError, json } from './outcome.ts'
import type { Registration } from './registration.ts'

interface Options {
  readonly authority?: string
  readonly token?: string
  readonly data: string
}

export interface EnrolCommandOptions {
  readonly keyring?: OpenVaultOptions['keyring']
  readonly input?: NodeJS.ReadableStream
}

/** `enrol`: this machine gets a key that the hospital's authority knows. */
export function addEnrolCommand(
  { program, output }: Registration,
  { keyring, input = process.stdin }: EnrolCommandOptions = {},
): void {
  program
    .command('enrol')
    .description('Enrol this machine at the hospital’s authority; run it as the account of Lanyard')
    .option('--authority <url>', 'address of the authority; left out, the one in site.json')
    .option('--token <token>', 'token of "lanyard authority workstation"; left out, from the input')
    .option('--data <folder>', 'data folder of the agent', defaultDataFolder())
    .action(async (options: Options) => {
      const authority = await authorityOf(options)
      // On the command line other accounts of this machine can read it while the command runs.
      const token = (options.token ?? (await readStream(input))).trim()
      if (token === '')
        throw new CommandError('There is no token.', 'Give it by --token or as the input.')
      const vault = await vaultOf(options.data, keyring)
      const post = createMachinePost({ secureContext: systemSecureContext() })
      const enrolled = await enrolMachine({ authority, token, vault, post })
      if (!enrolled.ok)
        throw new CommandError(faultOfEnrolment(enrolled).message, 'docs/machines.md')
      const { workstation, rpId } = enrolled.secrets.identity
      output.out(json({ workstation, rpId, authority }))
    })
}

async function authorityOf({ authority, data }: Options): Promise<string> {
  const path = join(data, 'site.json')
  const given = authority ?? (await siteAuthority(path))
  const parsed = authorityUrlSchema.safeParse(given)
  if (parsed.success) return parsed.data
  throw new CommandError(
    given === null ? 'No authority is named.' : 'This is no address of an authority.',
    `Give it by --authority https://… or as authority.url in ${path}.`,
  )
}

const namedSchema = z.looseObject({ authority: z.looseObject({ url: z.string() }) })

async function siteAuthority(path: string): Promise<string | null> {
  try {
    return namedSchema.parse(JSON.parse(await readFile(path, 'utf8'))).authority.url
  } catch {
    return null
  }
}

/** Where the agent's own keys are, or will be. */
async function vaultOf(directory: string, keyring: OpenVaultOptions['keyring']) {
  const store = { directory, ...(keyring ? { keyring } : {}) }
  try {
    const { kind } = await describeVault(store)
    if (kind === 'safe-storage')
      throw new CommandError(
        'The keys of this machine are encrypted by Electron, and only the agent can open them.',
        'Put the token into site.json as enrolmentToken and start Lanyard.',
      )
    return await openVault({ ...store, safeStorage: null, allowFile: kind === 'file' })
  } catch (error) {
    if (!(error instanceof VaultError)) throw error
    throw new CommandError(error.message, error.advice, { cause: error })
  }
}
