import { withHouse } from '../authority/service/open-house.ts'
import { readSeed } from '../authority/service/seed-file.ts'
import { seedHouse } from '../authority/service/seed-house.ts'
import { configuration, explained } from './authority-command.ts'
import { json } from './outcome.ts'
import type { AuthorityRegistration } from './authority-command.ts'

/** `authority seed`: people, badges, workstations and applications from a file. */
export function addSeedCommand({ authority, output }: AuthorityRegistration): void {
  authority
    .command('seed')
    .description(
      'Load people, badges, workstations and applications; loading again changes nothing',
    )
    .argument('<file>', 'YAML or JSON (docs/seed.md)')
    .option(...configuration)
    .action(async (file: string, { config }: { config: string }) => {
      const summary = await explained(async () => {
        const seed = await readSeed(file)
        return withHouse(config, ({ services }) => seedHouse(services, seed))
      })
      output.out(json(summary))
    })
}
