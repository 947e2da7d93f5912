import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { chmodSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The wall clock of a process, as somebody could set it while the process runs. */
export interface FakedTime {
  /** Of the process that is to believe it (libfaketime). */
  readonly environment: Readonly<Record<string, string>>
  /** Ahead of the true time, or behind it, s. */
  shift(seconds: number): Promise<void>
  /** It stands still from now on, `seconds` from the true time. */
  freeze(seconds?: number): Promise<void>
  dispose(): Promise<void>
}

/** Rejects when the library is not installed, and says what to install. */
export async function fakeTime(): Promise<FakedTime> {
  const library = await findLibrary()
  if (!library) throw new Error('libfaketime is not installed here: apt-get install libfaketime')
  const folder = await mkdtemp(join(tmpdir(), 'lanyard-time-'))
  // PostgreSQL runs as somebody else.
  chmodSync(folder, 0o755)
  const file = join(folder, 'now')
  async function say(text: string) {
    await writeFile(`${file}.new`, `${text}\n`, { mode: 0o644 })
    await rename(`${file}.new`, file)
  }
  await say('+0')
  return {
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      // Read at every look at the clock.
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      TZ: 'UTC',
    },
    shift: (seconds) => say(seconds < 0 ? String(seconds) : `+${seconds}`),
    freeze: (seconds = 0) =>
      say(new Date(Date.now() + seconds * 1_000).toISOString().slice(0, 19).replace('T', ' ')),
    dispose: () => rm(folder, { recursive: true, force: true }),
  }
}

async function findLibrary(): Promise<string | null> {
  const folders = await readdir('/usr/lib').catch(() => [])
  const places = folders.map((name) => `/usr/lib/${name}/faketime/libfaketimeMT.so.1`)
  return places.find((path) => existsSync(path)) ?? null
}
