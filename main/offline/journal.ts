import { randomBytes } from 'node:crypto'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { entryHash, firstHash, type JournalEntry } from '../authority/protocol/index.ts'
import { setAside } from './damaged-journals.ts'
import { readIfThere, storeErrorOf, syncDirectory } from './files.ts'
import { StoreError } from '../store/port.ts'
import { holdReserve, releaseReserve } from '../store/reserve.ts'
import type { Vault } from '../vault/port.ts'
import { encodeHead, headFileBytes, type JournalHead, parseHead } from './journal-head.ts'
import { encodeRecord, headerBytes, newHeader, parseJournal } from './journal-frame.ts'
import { judgeJournal } from './judge-journal.ts'
import type { OfflineKeys } from './keys.ts'
import { type DurableFile, writeAll } from './write-all.ts'

/** An entry before it has its place in the chain. */
export type EntryContent = Omit<JournalEntry, 'journal' | 'index' | 'previous'>

/**
 * What happened while the authority could not be reached: append-only, sealed, chained, on the disk
 * before anybody is told that it happened.
 */
export interface Journal {
  readonly id: string
  /** Texts of all entries, in order. */
  readonly entries: readonly string[]
  /** Newest time in it, ms. */
  readonly newest: number
  /** Appends the entries of one change and resolves when they are durable, all or none. */
  append(contents: readonly EntryContent[]): Promise<void>
  /** Remembers the time, so that a clock that is set back across a restart is not believed. */
  touch(at: number): Promise<void>
  /** Space kept for emergency access (main/store/reserve.ts). */
  readonly reserve: { hold(): Promise<boolean>; release(): Promise<boolean> }
  close(): Promise<void>
  /** The authority has it all: the journal goes. */
  remove(): Promise<void>
  /** The authority takes no more of it: it is kept for whoever must find out why. */
  keepAside(): Promise<void>
}

export interface JournalOptions {
  readonly directory: string
  readonly keys: OfflineKeys
  /** Remembers that there is a journal: one that disappears is noticed. */
  readonly vault: Pick<Vault, 'get' | 'set' | 'delete'>
  /** For tests of disks that do not do what they should. */
  readonly openFile?: (path: string, flags: string) => Promise<DurableFile>
}

const marker = 'offline-journal'
const paths = (directory: string) => ({
  journal: join(directory, 'journal'),
  head: join(directory, 'journal-head'),
})

/** Where it lies; its reserve lies beside it. */
export const journalPath = (directory: string): string => paths(directory).journal

const openPrivate = (path: string, flags: string): Promise<DurableFile> => open(path, flags, 0o600)

/** The space for emergency access, from the time on when nothing is wrong yet. */
export async function reserveJournal(directory: string): Promise<boolean> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  return holdReserve(paths(directory).journal)
}

/**
 * The journal that is there and whole; null when there is none. One that is not what was written is
 * moved out of the way (damaged-journals.ts), and so is the memory of one that is gone.
 */
export async function findJournal(options: JournalOptions): Promise<Journal | null> {
  const { directory, keys, vault } = options
  const bytes = await readIfThere(paths(directory).journal)
  const remembered = await vault.get(marker)
  const rememberedId = remembered ? Buffer.from(remembered).toString('base64url') : null
  const headBytes = await readIfThere(paths(directory).head)
  const head = headBytes === null ? null : parseHead(keys, headBytes)
  const parsed = bytes === null ? null : parseJournal(keys, bytes)
  if (rememberedId === null) {
    // Killed while it was being made: nothing can have happened yet.
    if (bytes === null || bytes.length < headerBytes) return null
    if (parsed !== null && parsed.entries.length === 0 && head === null) return null
  }
  const judged =
    parsed === null || (rememberedId !== null && parsed.id !== rememberedId)
      ? null
      : judgeJournal(parsed, head)
  if (parsed === null || judged === null || judged.fault !== null) {
    const id = rememberedId ?? parsed?.id ?? randomBytes(16).toString('base64url')
    await setAside(directory, paths(directory), id)
    await vault.delete(marker)
    return null
  }
  const { id } = parsed
  const { entries, end } = judged
  const newest = Math.max(head?.at ?? 0, newestOf(entries))
  const journal = await openAt(options, { id, entries, end, newest, head })
  if (rememberedId === null) await vault.set(marker, new Uint8Array(Buffer.from(id, 'base64url')))
  return journal
}

/** A new, empty journal. Rejects with `StoreError` when the disk does not take it. */
export async function createJournal(options: JournalOptions): Promise<Journal> {
  const { directory, vault, openFile = openPrivate } = options
  const { journal, head } = paths(directory)
  const id = randomBytes(16).toString('base64url')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  try {
    // The head is there in full before it is needed: it is written in place from then on.
    for (const [path, content] of [
      [head, Buffer.alloc(headFileBytes)],
      [journal, newHeader(id)],
    ] as const) {
      const file = await openFile(path, 'w')
      try {
        await writeAll(file, content, 0)
        await file.datasync()
      } finally {
        await file.close()
      }
    }
  } catch (error) {
    await rm(journal, { force: true }).catch(() => {})
    throw storeErrorOf(error)
  }
  await syncDirectory(directory)
  const made = await openAt(options, {
    id,
    entries: [],
    end: headerBytes,
    newest: 0,
    head: null,
  })
  await made.touch(0)
  // A secret store that takes nothing now costs the alarm of a lost journal, not the emergency access.
  await vault.set(marker, new Uint8Array(Buffer.from(id, 'base64url'))).catch(() => {})
  return made
}

interface Opened {
  readonly id: string
  readonly entries: readonly string[]
  readonly end: number
  readonly newest: number
  readonly head: JournalHead | null
}

async function openAt(options: JournalOptions, opened: Opened): Promise<Journal> {
  const { keys, directory, openFile = openPrivate } = options
  const { id } = opened
  const texts = [...opened.entries]
  let { end, newest } = opened
  let turn = opened.head?.turn ?? 0
  let refusal: StoreError | null = null
  let queue: Promise<unknown> = Promise.resolve()
  const file = await openFile(paths(directory).journal, 'r+')
  const headFile = await openFile(paths(directory).head, 'r+')
  // What was torn off half way was never acknowledged.
  await file.truncate(end)

  const hash = () => {
    const last = texts.at(-1)
    return last === undefined ? firstHash(id) : entryHash(last)
  }
  async function writeHead(): Promise<void> {
    const { bytes, position } = encodeHead(keys, {
      id,
      count: texts.length,
      hash: hash(),
      at: newest,
      turn: turn + 1,
    })
    await writeAll(headFile, bytes, position)
    await headFile.datasync()
    turn += 1
  }
  /** One after another: each takes the place that the one before left. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = queue.then(() => {
      if (refusal) throw new StoreError(refusal.code, refusal.message, refusal.advice)
      return work()
    })
    queue = done.catch(() => {})
    return done
  }
  async function undo(count: number, error: unknown): Promise<never> {
    texts.length = count
    const failure = storeErrorOf(error)
    // After a failed flush nobody knows what is on the disk.
    if (failure.code === 'io') refusal = failure
    await file.truncate(end).catch(() => (refusal ??= failure))
    throw failure
  }

  return {
    id,
    get entries() {
      return texts
    },
    get newest() {
      return newest
    },
    append: (contents) =>
      inTurn(async () => {
        const count = texts.length
        const records: Buffer[] = []
        for (const content of contents) {
          const entry: JournalEntry = {
            ...content,
            journal: id,
            index: texts.length,
            previous: hash(),
          }
          const text = JSON.stringify(entry)
          records.push(encodeRecord(keys, id, texts.length, text))
          texts.push(text)
          newest = Math.max(newest, content.at)
        }
        const bytes = Buffer.concat(records)
        try {
          await writeAll(file, bytes, end)
          await file.datasync()
          await writeHead()
        } catch (error) {
          await undo(count, error)
        }
        end += bytes.length
      }),
    touch: (at) =>
      inTurn(async () => {
        newest = Math.max(newest, at)
        try {
          await writeHead()
        } catch (error) {
          throw storeErrorOf(error)
        }
      }),
    reserve: {
      hold: () => holdReserve(paths(directory).journal),
      release: () => releaseReserve(paths(directory).journal),
    },
    close: closeBoth,
    async remove() {
      await closeBoth()
      // The note goes first: a journal without a note is found again, a note without one is an alarm.
      await options.vault.delete(marker)
      for (const path of Object.values(paths(directory))) await rm(path, { force: true })
      await syncDirectory(directory)
    },
    async keepAside() {
      await closeBoth()
      await options.vault.delete(marker)
      await setAside(directory, paths(directory), id, 'reported')
    },
  }

  async function closeBoth(): Promise<void> {
    refusal ??= new StoreError('closed', 'The journal is closed.', 'Restart Lanyard.')
    await queue
    await file.close().catch(() => {})
    await headFile.close().catch(() => {})
  }
}

const newestOf = (entries: readonly string[]): number => {
  const last = entries.at(-1)
  return last === undefined ? 0 : (JSON.parse(last) as JournalEntry).at
}
