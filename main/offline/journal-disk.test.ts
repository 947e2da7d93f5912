import { open, rm } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { journalPlace, numbered, numberOf } from '../../test/support/journal.ts'
import { createJournal, findJournal, type JournalOptions } from './journal.ts'
import type { DurableFile } from './write-all.ts'

const places: string[] = []
afterEach(async () => {
  for (const directory of places.splice(0)) await rm(directory, { recursive: true })
})

/** A disk that takes so many more bytes, and says so as disks do: by a short write, then by an error. */
interface Disk {
  room: number
  failing: 'nothing' | 'flush'
  writes: number
}

async function onDisk(): Promise<{ options: JournalOptions; disk: Disk }> {
  const place = await journalPlace()
  places.push(place.directory)
  const disk: Disk = { room: Infinity, failing: 'nothing', writes: 0 }
  const failure = (code: string) => Object.assign(new Error(code), { code })
  const openFile = async (path: string, flags: string): Promise<DurableFile> => {
    const file = await open(path, flags, 0o600)
    const isHead = path.endsWith('head')
    return {
      async write(bytes, offset, length, position) {
        disk.writes += 1
        // The head is written over itself and needs no room.
        if (isHead) return file.write(bytes, offset, length, position)
        if (disk.room <= 0) throw failure('ENOSPC')
        const taken = Math.min(length, disk.room, 1_000)
        disk.room -= taken
        return file.write(bytes, offset, taken, position)
      },
      async datasync() {
        if (disk.failing === 'flush' && !isHead) throw failure('EIO')
        await file.datasync()
      },
      truncate: (length) => file.truncate(length),
      close: () => file.close(),
    }
  }
  return { options: { ...place, openFile }, disk }
}

async function numbers(options: JournalOptions) {
  const journal = await findJournal(options)
  const found = journal?.entries.map(numberOf)
  await journal?.close()
  return found
}

test('a write that is taken in parts is written whole', async () => {
  const { options } = await onDisk()
  const journal = await createJournal(options)
  await journal.append([numbered(1, true), numbered(2, true), numbered(3, true), numbered(4)])
  await journal.close()
  await expect(numbers(options)).resolves.toEqual([1, 2, 3, 4])
})

test('a full disk refuses the change, keeps what was there, and takes the next when there is room', async () => {
  const { options, disk } = await onDisk()
  const journal = await createJournal(options)
  await journal.append([numbered(1)])
  for (const room of [0, 1, 19, 20, 21, 200]) {
    disk.room = room
    await expect(journal.append([numbered(2, true), numbered(3)])).rejects.toMatchObject({
      code: 'full',
    })
  }
  expect(journal.entries.map(numberOf)).toEqual([1])
  disk.room = Infinity
  await journal.append([numbered(4)])
  await journal.close()
  await expect(numbers(options)).resolves.toEqual([1, 4])
})

test('after a flush that failed nothing is taken any more', async () => {
  const { options, disk } = await onDisk()
  const journal = await createJournal(options)
  await journal.append([numbered(1)])
  disk.failing = 'flush'
  await expect(journal.append([numbered(2)])).rejects.toMatchObject({ code: 'io' })
  disk.failing = 'nothing'
  await expect(journal.append([numbered(3)])).rejects.toMatchObject({ code: 'io' })
  await journal.close()
  await expect(numbers(options)).resolves.toEqual([1])
})

test('changes at the same time take their places one after another', async () => {
  const { options } = await onDisk()
  const journal = await createJournal(options)
  await Promise.all(Array.from({ length: 20 }, (_, n) => journal.append([numbered(n)])))
  await journal.close()
  await expect(numbers(options)).resolves.toEqual(Array.from({ length: 20 }, (_, n) => n))
})
