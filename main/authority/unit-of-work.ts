import type { Database, Tx, WriteOptions } from '../store/port.ts'
import {
  type Addressed,
  type EventHub,
  type NewEvent,
  type StoredEvent,
  writeEvents,
} from './events/index.ts'

/** A transaction together with what becomes visible once it is durable, and only then. */
export interface Unit {
  readonly tx: Tx
  /** Trusted time of this unit, ms. */
  readonly now: number
  /** Tells the workstation's agent, once, wherever it is connected. Part of the transaction. */
  publish(this: void, workstation: string, event: NewEvent): void
  /** Tells the agent of every workstation that was ever connected. */
  publishToAll(this: void, event: NewEvent): void
  /** Something ends by itself at this time (ms) and `tick` has to see to it. */
  due(this: void, at: number): void
}

export type RunUnit = <T>(work: (unit: Unit) => Promise<T>, options?: WriteOptions) => Promise<T>

export interface UnitOptions {
  readonly db: Database
  readonly now: () => number
  readonly events: Pick<EventHub, 'committed'>
  /** Told after the commit. */
  readonly onDue: (at: number) => void
}

/** Runs `work` in one transaction; its events are written with it and go out after the commit. */
export function createUnits({ db, now, events, onDue }: UnitOptions): RunUnit {
  return async (work, options) => {
    let written: readonly StoredEvent[] = []
    let dues: number[] = []
    const result = await db.write(async (tx) => {
      // What a try that did not commit had to say is not true.
      const published: Addressed[] = []
      dues = []
      const at = now()
      const value = await work({
        tx,
        now: at,
        publish: (workstation, event) => published.push([{ workstation }, event]),
        publishToAll: (event) => published.push(['all', event]),
        due: (time) => dues.push(time),
      })
      written = await writeEvents(tx, published, at)
      return value
    }, options)
    events.committed(written)
    for (const at of dues) onDue(at)
    return result
  }
}
