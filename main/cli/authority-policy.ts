import { createHousePolicy } from '../authority/service/house-policy.ts'
import { withHouse } from '../authority/service/open-house.ts'
import type { AuthorityRegistration } from './authority-command.ts'
import { configuration, explained } from './authority-command.ts'

/** `authority policy`: the policy of the configuration for all nodes, e.g. one of an earlier time. */
export function addPolicyCommand({ authority, output }: AuthorityRegistration): void {
  authority
    .command('policy')
    .description('Make the policy of the configuration that of all nodes, whatever holds now')
    .option(...configuration)
    .action(async ({ config }: { config: string }) => {
      const outcome = await explained(() =>
        withHouse(config, ({ services, read }) =>
          createHousePolicy({ ...services, onChange: () => {} }).change(read.given),
        ),
      )
      output.out(`${JSON.stringify({ policy: outcome })}\n`)
    })
}
