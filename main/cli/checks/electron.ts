import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Check } from '../doctor-report.ts'

const manifestSchema = z.object({ version: z.string() })

/** Whether Electron's binary is there. Never asks the package itself: that would download it. */
export const checkElectron =
  ({
    projectFolder,
    environment = process.env,
  }: {
    readonly projectFolder: string
    readonly environment?: NodeJS.ProcessEnv
  }): Check =>
  async () => {
    const folder = join(projectFolder, 'node_modules', 'electron')
    const manifest = await readFile(join(folder, 'package.json'), 'utf8').catch(() => null)
    const version =
      manifest === null ? null : manifestSchema.parse(JSON.parse(manifest) as unknown).version
    const name = await readFile(join(folder, 'path.txt'), 'utf8').catch(() => null)
    const override = environment['ELECTRON_OVERRIDE_DIST_PATH']
    const binary = override
      ? join(override, name ?? 'electron')
      : name === null
        ? null
        : join(folder, 'dist', name)
    const found =
      binary !== null &&
      (await access(binary).then(
        () => true,
        () => false,
      ))
    return {
      check: 'electron',
      state: found ? 'ok' : 'attention',
      summary: found
        ? `Electron ${version ?? ''} is installed`.replace('  ', ' ')
        : 'Electron is not installed',
      next: found
        ? null
        : 'Run "npx install-electron --no" with network access. Without it, the demo, the tests and ' +
          '"npm start -- --sandbox" use a stand-in on Chromium.',
      facts: { found, version },
    }
  }
