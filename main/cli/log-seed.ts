import { describeVault, openVault, VaultError, type OpenVaultOptions } from '../vault/index.ts'
import { CommandError } from './outcome.ts'

/**
 * The signing seed of the log in `dataFolder`, 32 bytes, from where the agent put it. Makes no key
 * and chooses no store; throws a CommandError when there is nothing to be had.
 */
export async function readLogSeed({
  dataFolder,
  keyring,
}: {
  readonly dataFolder: string
  readonly keyring?: OpenVaultOptions['keyring']
}): Promise<Uint8Array> {
  const store = { directory: dataFolder, ...(keyring ? { keyring } : {}) }
  try {
    const { kind } = await describeVault(store)
    if (kind === null)
      throw new CommandError(
        `There are no keys in ${dataFolder}.`,
        'Start Lanyard once, or name its data folder with --data.',
      )
    if (kind === 'safe-storage')
      throw new CommandError(
        'The key of this log is encrypted by Electron, and only the agent can open it.',
        'Set up the secret store of the operating system ("lanyard doctor" says how) for new installations.',
      )
    const vault = await openVault({ ...store, safeStorage: null, allowFile: kind === 'file' })
    const seed = await vault.get('log')
    if (seed) return seed
    throw new CommandError(
      'The secret store has no key for this log.',
      'Run this under the account that runs Lanyard.',
    )
  } catch (error) {
    if (!(error instanceof VaultError)) throw error
    throw new CommandError(error.message, error.advice, { cause: error })
  }
}
