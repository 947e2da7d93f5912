import { readFile } from 'node:fs/promises'
import type { Seen } from './link.ts'

/** One line of what the bridge saw; `at`: monotonic ms of the host. */
export interface JournalLine {
  readonly what: Seen | 'up' | 'exited'
  readonly at: number
  readonly detail: string
}

/** All lines so far, none before the bridge has begun. */
export async function readJournal(path: string): Promise<readonly JournalLine[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JournalLine)
}
