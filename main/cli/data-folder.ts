import { homedir } from 'node:os'
import { join } from 'node:path'

/** The policy file in the data folder, where the agent looks for it. */
export const policyFile = 'policy.json'

/** Where the agent keeps its data unless told otherwise: Electron's `userData` of this account. */
export function defaultDataFolder({
  platform = process.platform,
  environment = process.env,
  home = homeFolder(),
}: {
  readonly platform?: NodeJS.Platform
  readonly environment?: NodeJS.ProcessEnv
  readonly home?: string
} = {}): string {
  const name = 'Lanyard'
  if (platform === 'win32')
    return join(environment['APPDATA'] ?? join(home, 'AppData', 'Roaming'), name)
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', name)
  return join(environment['XDG_CONFIG_HOME'] ?? join(home, '.config'), name)
}

/** An account that is only a number has no home; it runs the service, which needs none. */
function homeFolder(): string {
  try {
    return homedir()
  } catch {
    return '/'
  }
}
