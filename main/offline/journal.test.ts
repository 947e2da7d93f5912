import { readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { journalPlace, numbered, numberOf, writtenJournal } from '../../test/support/journal.ts'
import { listDamaged } from './damaged-journals.ts'
import { createJournal, findJournal, type JournalOptions, journalPath } from './journal.ts'
import { headerBytes, parseJournal } from './journal-frame.ts'

const places: string[] = []
afterEach(async () => {
  for (const directory of places.splice(0)) await rm(directory, { recursive: true })
})
async function place(): Promise<JournalOptions> {
  const made = await journalPlace()
  places.push(made.directory)
  return made
}
async function written(count: number): Promise<JournalOptions> {
  const made = await writtenJournal(count)
  places.push(made.directory)
  return made
}
const headPath = ({ directory }: JournalOptions) => join(directory, 'journal-head')

/** What a start finds: the numbers that can be gone on with, or what is wrong from where on. */
async function found(options: JournalOptions) {
  const journal = await findJournal(options)
  const numbers = journal?.entries.map(numberOf) ?? null
  await journal?.close()
  const damaged = await listDamaged(options)
  return {
    numbers,
    damaged: damaged.map(({ entries, damage }) => ({ ...damage, kept: entries.length })),
  }
}

test('what was appended is there after a start, and can be gone on with', async () => {
  const options = await written(3)
  const journal = await findJournal(options)
  await journal?.append([numbered(4, true), numbered(5)])
  await journal?.close()
  await expect(found(options)).resolves.toEqual({ numbers: [1, 2, 3, 4, 5], damaged: [] })
})

test('nothing of an entry can be read on the disk', async () => {
  const { directory } = await written(3)
  const bytes = await readFile(journalPath(directory))
  expect(bytes.includes('workstation.reported')).toBe(false)
  expect(bytes.includes('ws-1')).toBe(false)
})

test('every flipped bit is noticed, and named by the entry from which on nothing is believed', async () => {
  const options = await written(4)
  const path = journalPath(options.directory)
  const whole = await readFile(path)
  const headBytes = await readFile(headPath(options))
  const { ends = [] } = parseJournal(options.keys, whole) ?? {}
  const marker = await options.vault.get('offline-journal')
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length * 8 - 1), async (bit) => {
      const bytes = Buffer.from(whole)
      const at = bit >> 3
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (bit & 7)), at)
      await writeFile(path, bytes)
      await writeFile(headPath(options), headBytes)
      await options.vault.set('offline-journal', marker ?? new Uint8Array())
      const index = at < headerBytes ? 0 : ends.findIndex((end) => at < end)
      const { numbers, damaged } = await found(options)
      expect(numbers).toBeNull()
      expect(damaged).toEqual([{ fault: 'damaged', index, kept: index }])
      for (const one of await listDamaged(options)) await one.reported()
    }),
    { numRuns: 150 },
  )
})

test('every truncation is noticed, and named by the first entry that is missing', async () => {
  const options = await written(4)
  const path = journalPath(options.directory)
  const whole = await readFile(path)
  const headBytes = await readFile(headPath(options))
  const { ends = [] } = parseJournal(options.keys, whole) ?? {}
  const marker = await options.vault.get('offline-journal')
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), async (length) => {
      await writeFile(path, whole.subarray(0, length))
      await writeFile(headPath(options), headBytes)
      await options.vault.set('offline-journal', marker ?? new Uint8Array())
      const kept = ends.filter((end) => end <= length).length
      const fault = length === 0 ? 'missing' : length < headerBytes ? 'damaged' : 'truncated'
      const { numbers, damaged } = await found(options)
      expect(numbers).toBeNull()
      expect(damaged).toEqual([{ fault, index: kept, kept }])
      for (const one of await listDamaged(options)) await one.reported()
    }),
    { numRuns: 150 },
  )
})

test('a journal that disappears is noticed, and so is one that lost its head', async () => {
  const gone = await written(2)
  await rm(journalPath(gone.directory))
  await expect(found(gone)).resolves.toEqual({
    numbers: null,
    damaged: [{ fault: 'missing', index: 0, kept: 0 }],
  })
  const headless = await written(2)
  await rm(headPath(headless))
  await expect(found(headless)).resolves.toEqual({
    numbers: null,
    damaged: [{ fault: 'truncated', index: 2, kept: 2 }],
  })
})

test('two entries that change places are noticed', async () => {
  const options = await written(3)
  const path = journalPath(options.directory)
  const whole = await readFile(path)
  const { ends = [] } = parseJournal(options.keys, whole) ?? {}
  const [first = 0, second = 0] = ends
  await writeFile(
    path,
    Buffer.concat([
      whole.subarray(0, headerBytes),
      whole.subarray(first, second),
      whole.subarray(headerBytes, first),
      whole.subarray(second),
    ]),
  )
  const { damaged } = await found(options)
  expect(damaged).toEqual([{ fault: 'damaged', index: 0, kept: 0 }])
})

test('a change that was cut off before it was acknowledged goes as a whole', async () => {
  const options = await written(2)
  const before = await readFile(headPath(options))
  const journal = await findJournal(options)
  await journal?.append([numbered(3, true), numbered(4)])
  await journal?.close()
  const path = journalPath(options.directory)
  const bytes = await readFile(path)
  // As a crash leaves it: the head of before, and any part of the change.
  for (let cut = 1; cut <= 700; cut += 37) {
    await writeFile(path, bytes)
    await truncate(path, bytes.length - cut)
    await writeFile(headPath(options), before)
    await expect(found(options)).resolves.toEqual({ numbers: [1, 2], damaged: [] })
  }
  await writeFile(path, bytes)
  await writeFile(headPath(options), before)
  await expect(found(options)).resolves.toEqual({ numbers: [1, 2, 3, 4], damaged: [] })
})

test('a torn head leaves the one before it', async () => {
  const options = await written(3)
  const bytes = await readFile(headPath(options))
  const slot = bytes.length / 2
  for (const position of [0, slot]) {
    const torn = Buffer.from(bytes)
    torn.fill(0, position + 20, position + slot)
    await writeFile(headPath(options), torn)
    await expect(found(options)).resolves.toMatchObject({ numbers: [1, 2, 3], damaged: [] })
  }
})

test('an entry of a newer key, or of another workstation, is not read as ours', async () => {
  const options = await written(2)
  const other = await place()
  await expect(found({ ...options, keys: other.keys })).resolves.toMatchObject({ numbers: null })
})

test('time does not go back behind what was written down', async () => {
  const options = await written(2)
  const journal = await findJournal(options)
  await journal?.touch(5_000)
  await journal?.close()
  const again = await findJournal(options)
  expect(again?.newest).toBe(5_000)
  await again?.close()
})

test('a journal that was handed over leaves nothing behind', async () => {
  const options = await place()
  const journal = await createJournal(options)
  await journal.append([numbered(1)])
  await journal.remove()
  await expect(found(options)).resolves.toEqual({ numbers: null, damaged: [] })
  await expect(options.vault.get('offline-journal')).resolves.toBeNull()
})
