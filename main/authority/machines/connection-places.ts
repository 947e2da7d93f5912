import type { Connection } from '../server/connection.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import { inLots, padded } from '../in-lots.ts'
import { findKeys, whyNot } from './key-standing.ts'

/** A live user of a workstation's key. */
export interface Live {
  readonly connection: Connection
  readonly workstationId: string
  readonly keyId: string
}

export interface Opening extends Live {
  /** Of the process that says so. */
  readonly instance: string
  /** Whether it is still there, and waits for the answer. */
  readonly isWanted: () => boolean
}

/** What a connection is closed for; its key proves nothing any more. */
export type Fallen = 'disabled' | 'revoked' | 'retired'

/** Rolls a transaction back. */
class Withdrawn extends Error {}

/**
 * Takes the place of its workstation's connection before, for many at a time. Null: it is the live
 * user of its key from now on; `unwanted`: it had gone, and nothing was changed.
 */
export function createConnectionPlaces(
  { unit }: Pick<Services, 'unit'>,
  nodeId: string,
): (opening: Opening) => Promise<Fallen | 'unwanted' | null> {
  /** None at all when one of them has gone meanwhile: then nothing was kept. */
  async function openAll(
    lot: readonly Opening[],
  ): Promise<readonly (readonly [Opening, Fallen | null])[]> {
    if (lot.length === 0) return []
    try {
      return await unit(
        async ({ tx, now: at }) => {
          // First of all the workstations' rows: two that open at once must see each other.
          await tx
            .updateTable('workstations')
            .set({ last_seen_at: at })
            .where('workstation_id', 'in', padded(lot.map((one) => one.workstationId)))
            .execute()
          // It may have connected long before it speaks: looks do not go back that far.
          const keys = await findKeys(
            tx,
            lot.map(({ keyId }) => keyId),
          )
          const answers = lot.map((one) => {
            const known = keys.get(one.keyId)
            return [one, known ? whyNot(known, at) : 'revoked'] as const
          })
          const taken = answers.flatMap(([one, why]) => (why === null ? one : []))
          if (taken.length > 0) await takePlaces(tx, taken, at)
          if (!lot.every((one) => one.isWanted())) throw new Withdrawn()
          return answers
        },
        { isolation: 'read-committed' },
      )
    } catch (error) {
      if (error instanceof Withdrawn) return []
      throw error
    }
  }

  async function takePlaces(tx: Unit['tx'], taken: readonly Opening[], at: number): Promise<void> {
    await tx
      .updateTable('workstation_connections')
      .set({ superseded_at: at })
      .where('workstation_id', 'in', padded(taken.map((one) => one.workstationId)))
      .where('connection_id', 'not in', padded(taken.map(({ connection }) => connection.id)))
      .where('superseded_at', 'is', null)
      .execute()
    await tx
      .insertInto('workstation_connections')
      .values(
        padded(taken).map(({ connection, workstationId, keyId, instance }) => ({
          connection_id: connection.id,
          workstation_id: workstationId,
          key_id: keyId,
          node_id: nodeId,
          instance,
          opened_at: at,
          superseded_at: null,
        })),
      )
      .onConflict((conflict) => conflict.column('connection_id').doNothing())
      .execute()
  }

  return inLots(
    async (lot: readonly Opening[]) => {
      // Who has gone must not take the place of who came after it, at whatever node.
      for (;;) {
        const wanted = lot.filter((one) => one.isWanted())
        const answers = new Map(await openAll(wanted))
        if (wanted.every((one) => answers.has(one)))
          return lot.map((one) => (answers.has(one) ? (answers.get(one) ?? null) : 'unwanted'))
      }
    },
    { nameOf: ({ workstationId }) => workstationId },
  )
}
