import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Check } from '../doctor-report.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** A browser for the stand-in. Information only: a workstation with Electron needs none. */
export const checkChromium =
  ({
    projectFolder,
    environment = process.env,
  }: {
    readonly projectFolder: string
    readonly environment?: NodeJS.ProcessEnv
  }): Check =>
  async () => {
    const configured = environment['CHROMIUM_PATH']
    const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
    const candidates = [
      ...(configured ? [configured] : []),
      ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    ]
    const installed = await firstThatRuns(candidates)
    const carried = join(projectFolder, 'node_modules', '@sparticuz', 'chromium', 'package.json')
    const fromNpm = await exists(carried)
    const source =
      installed === null ? (fromNpm ? 'npm' : null) : configured === installed ? 'path' : 'system'
    return {
      check: 'chromium',
      state: 'information',
      summary:
        source === null
          ? 'No Chromium for the stand-in'
          : source === 'npm'
            ? 'Chromium for the stand-in comes from npm (without a window)'
            : 'Chromium for the stand-in is installed',
      next:
        source === null || source === 'npm'
          ? 'For the stand-in in a window: install Chromium (Debian: apt-get install chromium).'
          : null,
      facts: { source },
    }
  }

async function firstThatRuns(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) if (await exists(path, constants.X_OK)) return path
  return null
}

const exists = (path: string, mode: number = constants.F_OK): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  )
