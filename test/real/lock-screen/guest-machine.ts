import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { boot } from '../hid/host/qemu.ts'
import type { Guest } from '../hid/host/prepare.ts'
import { readJournal, type JournalLine } from './journal.ts'

/** The whole suite takes a third of it. */
const limitMs = 180_000

export interface GuestMachine {
  /** Words for bridge.ts. */
  readonly bridge: readonly string[]
  readonly journal: () => Promise<readonly JournalLine[]>
  /** What the guest printed, its last lines. */
  readonly printed: () => string
  /** Cuts the power. */
  off(): Promise<void>
}

/** Boots the guest that run.ts has made; it is not up yet. */
export async function startGuestMachine(): Promise<GuestMachine> {
  const made = process.env['LANYARD_GUEST']
  if (!made) throw new Error('There is no guest; start with npm run test:lock-screen.')
  const directory = await mkdtemp(join(tmpdir(), 'lanyard-guest-'))
  const [port, journal] = [join(directory, 'port'), join(directory, 'journal')]
  const power = new AbortController()
  const lines: string[] = []
  const off = boot({
    ...(JSON.parse(made) as Guest),
    limitMs,
    line: (text) => lines.push(text),
    port,
    signal: power.signal,
  })
  return {
    bridge: ['--port', port, '--journal', journal],
    journal: () => readJournal(journal),
    printed: () => lines.slice(-30).join('\n'),
    async off() {
      power.abort()
      await off
      await rm(directory, { recursive: true })
    },
  }
}
