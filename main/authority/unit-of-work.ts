import type { Database, Tx, WriteOptions } from '../store/port.ts'
import type { EventHub, NewEvent } from './events.ts'
import type { WorkstationId } from './protocol/index.ts'

/** A transaction together with what becomes visible once it is durable, and only then. */
export interface Unit {
  readonly tx: Tx
  /** Trusted time of this unit, ms. */
  readonly now: number
  publish(this: void, workstation: string, event: NewEvent): void
  /** Something ends by itself at this time (ms) and `tick` has to see to it. */
  due(this: void, at: number): void
}

export type RunUnit = <T>(work: (unit: Unit) => Promise<T>, options?: WriteOptions) => Promise<T>

export interface UnitOptions {
  readonly db: Database
  readonly now: () => number
  readonly events: EventHub
  /** Told after the commit. */
  readonly onDue: (at: number) => void
}

/** Runs `work` in one transaction; its events go out after the commit, or never. */
export function createUnits({ db, now, events, onDue }: UnitOptions): RunUnit {
  return async (work, options) => {
    let published: (readonly [WorkstationId, NewEvent])[] = []
    let dues: number[] = []
    const result = await db.write((tx) => {
      // What a try that did not commit had to say is not true.
      published = []
      dues = []
      return work({
        tx,
        now: now(),
        publish: (workstation, event) => published.push([workstation as WorkstationId, event]),
        due: (at) => dues.push(at),
      })
    }, options)
    for (const [workstation, event] of published) events.publish(workstation, event)
    for (const at of dues) onDue(at)
    return result
  }
}
