import type { AuthorityClient, Response } from '../authority/protocol/index.ts'
import type { Policy } from '../policy/settings.ts'
import { releaseReserve } from '../store/reserve.ts'
import { StoreError } from '../store/port.ts'
import type { Vault } from '../vault/port.ts'
import { type BundleKeeper, openBundleKeeper } from './bundle-keeper.ts'
import { listDamaged } from './damaged-journals.ts'
import {
  createJournal,
  findJournal,
  type Journal,
  journalPath,
  type JournalOptions,
  reserveJournal,
} from './journal.ts'
import { loadOfflineKeys } from './keys.ts'
import { createOfflineAuthority, type OfflineAuthority } from './offline-authority.ts'
import type { BundleExpectation, BundleRefusal } from './read-bundle.ts'
import type { KnownSession } from './seed.ts'
import { finishJournal, sendEntries } from './send-journal.ts'

type Settled = Response<'offline.reconcile'>['sessions'][number]
type CallAuthority = AuthorityClient['call']

export interface StationOptions extends BundleExpectation {
  /** A folder of its own in the data directory. */
  readonly directory: string
  readonly vault: Pick<Vault, 'get' | 'set' | 'delete'>
  /** Of this machine. */
  readonly policy: Policy
  readonly time?: { readonly wall: () => number; readonly monotonic: () => number }
  readonly openFile?: JournalOptions['openFile']
}

/** What a workstation has for the time when its authority cannot be reached. */
export interface OfflineStation {
  readonly bundle: BundleKeeper['held']
  /** Asks for a newer bundle. Rejects with an `AuthorityError`. */
  refresh(call: CallAuthority, now: number): Promise<'kept' | 'unchanged' | 'off' | BundleRefusal>
  /**
   * The authority of this workstation alone; null without a bundle. `ahead` is how far the house's
   * clock is ahead of this machine's, ms. Rejects with `StoreError`.
   */
  begin(from: {
    readonly sessions: readonly KnownSession[]
    readonly newest: number
    readonly ahead: number
  }): Promise<OfflineAuthority | null>
  /** Forgets the bundle: this workstation may let nobody in any more. */
  drop(): Promise<void>
  /** Whether there is something that the authority has not heard yet. */
  pending(): Promise<boolean>
  /** Sends what there is; more may come. */
  send(call: CallAuthority): Promise<void>
  /** Sends the rest, and forgets it once the authority has it all. */
  finish(call: CallAuthority): Promise<readonly Settled[]>
  dispose(): Promise<void>
}

const machineTime = { wall: () => Date.now(), monotonic: () => performance.now() }

/** Opens what is there from before; damaged journals are told of at the next `finish`. */
export async function openOfflineStation(options: StationOptions): Promise<OfflineStation> {
  const { directory, vault, policy, time = machineTime } = options
  const keys = await loadOfflineKeys(vault)
  const journalOptions: JournalOptions = {
    directory,
    keys,
    vault,
    ...(options.openFile ? { openFile: options.openFile } : {}),
  }
  await reserveJournal(directory)
  const keeper = await openBundleKeeper({ ...options, keys })
  let journal: Journal | null = await findJournal(journalOptions)

  async function openOrCreate(): Promise<Journal> {
    if (journal) return journal
    try {
      return await createJournal(journalOptions)
    } catch (error) {
      const full = error instanceof StoreError && error.code === 'full'
      // What it is kept for begins with this journal.
      if (!full || !(await releaseReserve(journalPath(directory)))) throw error
      return createJournal(journalOptions)
    }
  }

  return {
    get bundle() {
      return keeper.held
    },

    async refresh(call, now) {
      const have = keeper.held?.bundle.bundleId ?? null
      const answer = await call('offline.bundle', { have })
      switch (answer.outcome) {
        case 'unchanged':
          return 'unchanged'
        case 'off':
          await keeper.drop()
          return 'off'
        case 'bundle':
          return keeper.offer(answer, now)
      }
    },

    async begin({ sessions, newest, ahead }) {
      const { held } = keeper
      if (!held) return null
      journal = await openOrCreate()
      return createOfflineAuthority({
        held,
        journal,
        policy,
        sessions,
        newest,
        time: { wall: () => time.wall() + ahead, monotonic: time.monotonic },
      })
    },

    drop: () => keeper.drop(),

    async pending() {
      return journal !== null || (await listDamaged({ directory, keys })).length > 0
    },

    async send(call) {
      if (journal) await sendEntries(call, journal)
    },

    async finish(call) {
      for (const damaged of await listDamaged({ directory, keys })) {
        await finishJournal(call, damaged, damaged.damage)
        await damaged.reported()
      }
      if (!journal) return []
      const { refused, sessions } = await finishJournal(call, journal)
      const done = journal
      journal = null
      if (refused === null) await done.remove()
      else await done.keepAside()
      return sessions
    },

    async dispose() {
      await journal?.close()
    },
  }
}
