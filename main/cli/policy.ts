import { documentPolicy } from '../policy/document-policy.ts'
import { filePolicySource } from '../policy/policy-source.ts'
import { describeReport, readPolicy } from '../policy/read-policy.ts'
import { CommandError, exit, json } from './outcome.ts'
import type { Registration } from './registration.ts'

/** `policy show|docs`: the policy that a file makes, and the page that lists every setting. */
export function addPolicyCommands({ program, output, finish }: Registration): void {
  const policy = program.command('policy').description('Show the policy and its documentation')

  policy
    .command('show')
    .description('Print the policy that holds as JSON; exit 1 if the file is not as it was meant')
    .argument('[file]', 'policy file; without one, the defaults')
    .action((file: string | undefined) => {
      const sources = file === undefined ? [] : [filePolicySource(file)]
      const reading = sources[0]?.read()
      if (reading?.state === 'absent')
        throw new CommandError(`${file} does not exist.`, 'Give the path of a policy file.')
      if (reading?.state === 'unreadable')
        throw new CommandError(`${file} cannot be used as a policy.`, reading.detail)
      const { policy: effective, report } = readPolicy(sources)
      output.out(json(effective))
      for (const entry of report) output.err(`${describeReport(entry)}\n`)
      finish(report.length === 0 ? exit.ok : exit.failed)
    })

  policy
    .command('docs')
    .description('Print the documentation of every setting as Markdown')
    .action(() => output.out(documentPolicy()))
}
