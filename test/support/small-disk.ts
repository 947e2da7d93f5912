import { guardReserve, type ReserveState } from '../../main/store/guard-reserve.ts'
import { type Database, StoreError } from '../../main/store/port.ts'

/** Pages of the reserve. */
const reserved = 20

export interface SmallDisk {
  /** Pages that are free; one write takes one. */
  room: number
  readonly state: () => ReserveState
  /** Every state that was announced. */
  readonly changes: ReserveState[]
  /** How often the reserve was given up and taken again. */
  readonly moves: { released: number; held: number }
  guard(db: Database): { readonly db: Database; readonly state: () => ReserveState }
}

/** A disk that fills up by one page with every write, with the product's guard in front of it. */
export function smallDisk(room: number): SmallDisk {
  const changes: ReserveState[] = []
  const moves = { released: 0, held: 0 }
  const disk: SmallDisk = {
    room,
    changes,
    moves,
    state: () => changes.at(-1) ?? 'held',
    guard(whole) {
      const db: Database = {
        read: whole.read,
        close: () => whole.close(),
        write: (work) =>
          whole.write(async (tx) => {
            const result = await work(tx)
            // As at the commit: all of the work was done, and none of it stays.
            if (disk.room < 1) throw new StoreError('full', 'No page is free.', 'Free space.')
            disk.room -= 1
            return result
          }),
      }
      const reserve = {
        release: async () => {
          moves.released += 1
          disk.room += reserved
          return true
        },
        hold: async () => {
          if (disk.room < 2 * reserved) return false
          moves.held += 1
          disk.room -= reserved
          return true
        },
      }
      const onChange = (state: ReserveState) => void changes.push(state)
      return { db: guardReserve({ db, reserve, state: 'held', onChange }), state: disk.state }
    },
  }
  return disk
}
