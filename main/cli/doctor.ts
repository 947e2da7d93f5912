import { join } from 'node:path'
import { checkChromium } from './checks/chromium.ts'
import { checkDatabase } from './checks/database.ts'
import { checkElectron } from './checks/electron.ts'
import { checkPolicy } from './checks/policy.ts'
import { checkReaders } from './checks/readers.ts'
import { checkRuntime } from './checks/runtime.ts'
import { checkSite } from './checks/site.ts'
import { checkVault } from './checks/vault.ts'
import { defaultDataFolder, policyFile } from './data-folder.ts'
import { examine, reportText } from './doctor-report.ts'
import { exit, json } from './outcome.ts'
import type { Registration } from './registration.ts'
import { projectFolder, readVersion } from './version.ts'

/** `doctor`: what Lanyard finds on this machine, what is missing, and what to do next. */
export function addDoctorCommand({ program, output, finish }: Registration): void {
  program
    .command('doctor')
    .description(
      'Say what Lanyard finds on this machine and what is missing; exit 1 if anything is',
    )
    .option('--json', 'print JSON (schema: docs/command-line.md)', false)
    .option('--data <folder>', 'data folder of the agent', defaultDataFolder())
    .option(
      '--policy <file>',
      `policy file of the agent (default: ${policyFile} in the data folder)`,
    )
    .action(async (options: { json: boolean; data: string; policy?: string }) => {
      const report = await examine({
        version: await readVersion(),
        checks: {
          runtime: checkRuntime(),
          electron: checkElectron({ projectFolder }),
          chromium: checkChromium({ projectFolder }),
          readers: checkReaders(),
          site: checkSite({ dataFolder: options.data }),
          vault: checkVault({ dataFolder: options.data }),
          database: checkDatabase({ dataFolder: options.data }),
          policy: checkPolicy({ path: options.policy ?? join(options.data, policyFile) }),
        },
      })
      output.out(options.json ? json(report) : reportText(report))
      finish(report.healthy ? exit.ok : exit.failed)
    })
}
