import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createJournal,
  type EntryContent,
  type JournalOptions,
} from '../../main/offline/journal.ts'
import { loadOfflineKeys } from '../../main/offline/keys.ts'
import { memoryVault } from '../../main/vault/memory-vault.ts'

/** A change that says no more than its number. */
export const numbered = (n: number, more = false): EntryContent => ({
  bundle: 'b-1',
  at: n,
  more,
  records: [
    {
      event: 'workstation.reported',
      outcome: 0,
      actor: null,
      workstation: 'ws-1',
      session: null,
      patient: null,
      assurance: null,
      purposeOfUse: null,
      detail: { n },
    },
  ],
  proofs: [],
  sessions: [],
  passkeys: [],
  review_cases: [],
  overrides: [],
})

export const numberOf = (text: string): number => (JSON.parse(text) as { at: number }).at

/** Where a journal may lie, with its keys. */
export async function journalPlace(): Promise<JournalOptions> {
  const vault = memoryVault()
  const directory = await mkdtemp(join(tmpdir(), 'lanyard-journal-'))
  return { directory, vault, keys: await loadOfflineKeys(vault) }
}

/** A closed journal of `count` changes. */
export async function writtenJournal(count: number): Promise<JournalOptions> {
  const place = await journalPlace()
  const journal = await createJournal(place)
  for (let n = 1; n <= count; n++) await journal.append([numbered(n)])
  await journal.close()
  return place
}

/** A folder that several processes open with the same keys, one after another. */
export async function sharedPlace(directory: string): Promise<JournalOptions> {
  const vault = memoryVault()
  await vault.set('offline', new Uint8Array(32).fill(3))
  return { directory, vault, keys: await loadOfflineKeys(vault) }
}
