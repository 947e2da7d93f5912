/**
 * Appends numbered changes to the journal in a folder, and says each number on stdout once it is
 * durable. Runs until it is killed. `journal-writer.ts FOLDER`
 */
import { createJournal, findJournal } from '../../main/offline/journal.ts'
import { numbered, numberOf, sharedPlace } from './journal.ts'

const [directory] = process.argv.slice(2)
if (!directory) throw new Error('journal-writer.ts FOLDER')
const options = await sharedPlace(directory)
const journal = (await findJournal(options)) ?? (await createJournal(options))
const last = journal.entries.at(-1)
for (let n = last === undefined ? 1 : numberOf(last) + 1; ; n += 2) {
  await journal.append([numbered(n, true), numbered(n + 1)])
  await new Promise<void>((resolve) => process.stdout.write(`${n + 1}\n`, () => resolve()))
}
