import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { numberOf, sharedPlace } from '../../test/support/journal.ts'
import { listDamaged } from './damaged-journals.ts'
import { findJournal } from './journal.ts'

const writer = join(import.meta.dirname, '../../test/support/journal-writer.ts')

/** Runs a writer until it has acknowledged `count` numbers, and kills it outright. */
async function killAfter(directory: string, count: number): Promise<number> {
  const child = spawn(process.execPath, [writer, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  let acknowledged = 0
  let said = 0
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line)
    said += 1
    if (said === count) child.kill('SIGKILL')
  }
  await closed
  return acknowledged
}

test('killed outright again and again, a journal keeps all that it acknowledged, without a gap', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lanyard-journal-'))
  try {
    for (const count of [1, 7, 60]) {
      const acknowledged = await killAfter(directory, count)
      const options = await sharedPlace(directory)
      const journal = await findJournal(options)
      const numbers = journal?.entries.map(numberOf) ?? []
      await journal?.close()
      expect(numbers.length).toBeGreaterThanOrEqual(acknowledged)
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => at + 1))
      // A change has two entries: half of one is none.
      expect(numbers.length % 2).toBe(0)
      await expect(listDamaged(options)).resolves.toEqual([])
    }
  } finally {
    await rm(directory, { recursive: true })
  }
}, 60_000)
