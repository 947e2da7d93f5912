import { describeVault, VaultError, type OpenVaultOptions } from '../../vault/index.ts'
import type { Check, Finding } from '../doctor-report.ts'

const places = {
  os: "the operating system's secret store",
  'safe-storage': 'a file that Electron encrypts with a key of the operating system',
  file: 'a plain file, which is for trials only',
} as const

/** Whether the operating system keeps secrets, and where this folder's keys are. */
export const checkVault =
  ({
    dataFolder,
    keyring,
  }: {
    readonly dataFolder: string
    readonly keyring?: OpenVaultOptions['keyring']
  }): Check =>
  async () => {
    try {
      const { kind, keyringProblem } = await describeVault({
        directory: dataFolder,
        ...(keyring ? { keyring } : {}),
      })
      return found(kind, keyringProblem)
    } catch (error) {
      if (!(error instanceof VaultError)) throw error
      return {
        check: 'vault',
        state: 'attention',
        summary: error.message,
        next: error.advice,
        facts: { kind: null, keyring: false, problem: error.code },
      }
    }
  }

function found(kind: keyof typeof places | null, problem: string | null): Finding {
  const facts = { kind, keyring: problem === null, problem }
  if (problem === null)
    return {
      check: 'vault',
      state: kind === 'file' ? 'attention' : 'ok',
      summary: `The secret store works${kind === null ? '' : `; the keys are in ${places[kind]}`}`,
      next:
        kind === 'file' ? 'Enrol this workstation anew without the policy vault.allowFile.' : null,
      facts,
    }
  // Electron can still encrypt with the system's key; only the agent can tell.
  const works = kind === 'safe-storage'
  return {
    check: 'vault',
    state: works ? 'information' : 'attention',
    summary:
      kind === null
        ? `The secret store does not work (${problem})`
        : `The secret store does not work (${problem}); the keys are in ${places[kind]}`,
    next: works
      ? null
      : 'Start the keyring of the account that runs Lanyard (Linux: gnome-keyring or KWallet in its ' +
        'session). For a trial only, set the policy vault.allowFile.',
    facts,
  }
}
