import { readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JournalFault } from '../authority/protocol/index.ts'
import { readIfThere, syncDirectory } from './files.ts'
import { parseHead } from './journal-head.ts'
import { parseJournal } from './journal-frame.ts'
import { judgeJournal } from './judge-journal.ts'
import type { OfflineKeys } from './keys.ts'

/** A journal that is not what was written, as far as it still is. */
export interface DamagedJournal {
  readonly id: string
  readonly entries: readonly string[]
  readonly damage: { readonly fault: JournalFault; readonly index: number }
  /** The authority knows of it; the file stays for whoever must find out why. */
  reported(): Promise<void>
}

const pattern = /^journal-([A-Za-z0-9_-]{22})\.damaged$/
const journalName = (id: string, state: string) => `journal-${id}.${state}`
const headName = (id: string) => `journal-head-${id}`

/** Moves a journal out of the way of the next one. One that is gone leaves an empty file. */
export async function setAside(
  directory: string,
  { journal, head }: { readonly journal: string; readonly head: string },
  id: string,
  state: 'damaged' | 'reported' = 'damaged',
): Promise<void> {
  const there = await readIfThere(journal)
  const target = join(directory, journalName(id, state))
  await rename(head, join(directory, headName(id))).catch(() => {})
  if (there === null) await writeFile(target, '', { mode: 0o600 })
  else await rename(journal, target)
  await syncDirectory(directory)
}

/** Those that the authority was not told of yet. */
export async function listDamaged({
  directory,
  keys,
}: {
  readonly directory: string
  readonly keys: OfflineKeys
}): Promise<DamagedJournal[]> {
  const names = await readdir(directory).catch(() => [])
  const found = names.flatMap((name) => pattern.exec(name)?.[1] ?? [])
  return Promise.all(
    found.map(async (id) => {
      const path = join(directory, journalName(id, 'damaged'))
      const [bytes, headBytes] = await Promise.all([
        readIfThere(path),
        readIfThere(join(directory, headName(id))),
      ])
      const parsed = bytes === null ? null : parseJournal(keys, bytes)
      const head = headBytes === null ? null : parseHead(keys, headBytes)
      const judged = parsed?.id === id ? judgeJournal(parsed, head) : null
      const fault = bytes === null || bytes.length === 0 ? 'missing' : 'damaged'
      return {
        id,
        entries: judged?.entries ?? [],
        damage: judged?.fault ?? { fault, index: judged?.entries.length ?? 0 },
        async reported() {
          await rename(path, join(directory, journalName(id, 'reported')))
          await syncDirectory(directory)
        },
      }
    }),
  )
}
