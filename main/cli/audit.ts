import { exportLog, verifyFile } from '../audit/cli.ts'
import { defaultDataFolder } from './data-folder.ts'
import { readLogSeed } from './log-seed.ts'
import type { Registration } from './registration.ts'

/** `audit export|verify`: the log as a file, and whether such a file is what was written. */
export function addAuditCommands({ program, output, finish }: Registration): void {
  const audit = program.command('audit').description('Export and verify the audit log')
  const print = (line: string) => output.out(`${line}\n`)

  audit
    .command('export')
    .description('Write the log to a file that can be verified anywhere; works beside the agent')
    .option('--data <folder>', 'data folder of the agent', defaultDataFolder())
    .requiredOption('--out <file>', 'file to write; it appears when it is complete')
    .action(async (options: { data: string; out: string }) => {
      const seed = await readLogSeed({ dataFolder: options.data })
      finish(await exportLog({ dataDirectory: options.data, seed, out: options.out, print }))
    })

  audit
    .command('verify')
    .description('Verify an exported log; exit 1 names the first bad record, exit 2: not readable')
    .argument('<export>', 'file that "lanyard audit export" wrote')
    .option('--key <key>', "the log's key as noted at set-up (name+hash+key)")
    .option('--since <file>', 'a checkpoint of this log that was kept from an earlier time')
    .action(async (file: string, options: { key?: string; since?: string }) => {
      finish(
        await verifyFile(file, {
          ...(options.key === undefined ? {} : { key: options.key }),
          ...(options.since === undefined ? {} : { sinceFile: options.since }),
          print,
        }),
      )
    })
}
