import { StoreError, type Database, type WriteOptions } from './port.ts'
import { storeError } from './sqlite-errors.ts'

/** `held`: the space is kept free of everything. `open`: it was given up, or there was no room. */
export type ReserveState = 'held' | 'open'

/** The space beside the database that nothing but an emergency may use. */
export interface Reserve {
  /** Takes the space up again; false while there is no room. */
  hold(): Promise<boolean>
  /** Gives the space to the database; false when there was none. */
  release(): Promise<boolean>
}

export interface GuardOptions {
  readonly db: Database
  readonly reserve: Reserve
  readonly state: ReserveState
  /** Told of every change of the state. */
  readonly onChange?: (state: ReserveState) => void
}

/**
 * A database that keeps its reserve for those writes that may take it: on a full disk the first of
 * them opens it and is tried again once. While it is open, other writes are refused with `full`,
 * even where they would fit, until there is room to hold it again.
 */
export function guardReserve({ db, reserve, state, onChange = () => {} }: GuardOptions): Database {
  let current = state
  let changing: Promise<void> | null = null

  /** Callers at the same time share one change. */
  async function bring(to: ReserveState): Promise<boolean> {
    await changing
    if (current === to) return true
    changing ??= (async () => {
      const done = to === 'open' ? await reserve.release() : await reserve.hold()
      if (!done) return
      current = to
      onChange(to)
    })().finally(() => (changing = null))
    await changing
    return current === to
  }

  return {
    read: db.read,
    close: () => db.close(),
    async write(work, options = {}) {
      if (current === 'open') {
        if ((await useOf(options)) === 'none' && !(await bring('held')))
          throw storeError('full', 'The disk is full; what is left is kept for emergency access.')
        return db.write(work, options)
      }
      try {
        return await db.write(work, options)
      } catch (error) {
        const full = error instanceof StoreError && error.code === 'full'
        if (!full || (await useOf(options)) !== 'take' || !(await bring('open'))) throw error
        return db.write(work, options)
      }
    },
  }
}

const useOf = ({ reserve = 'none' }: WriteOptions) =>
  typeof reserve === 'function' ? reserve() : reserve
