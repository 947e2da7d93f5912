import { CallFailure } from '../context.ts'
import type { Services } from '../services.ts'
import { openSessions } from '../sessions/session-rows.ts'
import type { EndSession } from '../sessions/ending.ts'
import { workstationIdSchema } from '../protocol/index.ts'
import { takeReserve } from '../reserve.ts'
import { addWorkstation } from './add-workstation.ts'
import { enrolmentLife, issueEnrolmentToken, type IssuedToken } from './enrolment-token.ts'

export interface WorkstationEntry {
  readonly id: string
  readonly name: string
  readonly place: string
  /** `waiting`: no machine is enrolled. `cloned`: two machines use its key. */
  readonly status: 'waiting' | 'enrolled' | 'cloned' | 'disabled'
  readonly lastSeenAt: number | null
}

export interface WorkstationRegister {
  /** Adds it and issues a token. Rejects with `CallFailure` `conflict` when the id is taken. */
  add(entry: {
    readonly id: string
    readonly name: string
    readonly place: string
    readonly by: string
    readonly life?: number
  }): Promise<IssuedToken>
  list(): Promise<WorkstationEntry[]>
  /** For a machine that is to be enrolled (again). Earlier tokens that wait are void. */
  issueToken(of: {
    readonly id: string
    readonly by: string
    readonly life?: number
  }): Promise<IssuedToken>
  /** Ends every session there and lets it prove nothing any more; false: it was so before. */
  disable(of: { readonly id: string; readonly by: string }): Promise<boolean>
  /** Its keys are good again; false: they were before. */
  enable(of: { readonly id: string; readonly by: string }): Promise<boolean>
}

export interface RegisterOptions extends Pick<Services, 'db' | 'unit' | 'record'> {
  readonly endSession: EndSession
}

/** The workstations of the house, for whoever administers them. */
export function createWorkstationRegister(options: RegisterOptions): WorkstationRegister {
  const { db, unit, record, endSession } = options
  const missing = () => new CallFailure('not-found', 'There is no such workstation.')

  return {
    async add({ id, name, place, by, life = enrolmentLife.default }) {
      return unit(async (work) => {
        const workstation = { id: workstationIdSchema.parse(id), name, place, by }
        if (!(await addWorkstation({ record }, work, workstation)))
          throw new CallFailure('conflict', 'There is a workstation of that id.')
        return issueEnrolmentToken({ record }, work, { workstationId: id, life, issuedBy: by })
      })
    },

    async list() {
      const rows = await db.read
        .selectFrom('workstations as w')
        .leftJoin('workstation_keys as k', (join) =>
          join.onRef('k.workstation_id', '=', 'w.workstation_id').on('k.revoked_at', 'is', null),
        )
        .select(['w.workstation_id', 'w.name', 'w.place', 'w.status', 'w.last_seen_at'])
        .select(({ fn }) => [
          fn.count<number | string>('k.key_id').as('keys'),
          fn.max('k.cloned_at').as('cloned_at'),
        ])
        .groupBy(['w.workstation_id', 'w.name', 'w.place', 'w.status', 'w.last_seen_at'])
        .orderBy('w.workstation_id')
        .execute()
      return rows.map((row) => ({
        id: row.workstation_id,
        name: row.name,
        place: row.place,
        status: statusOf(row),
        lastSeenAt: row.last_seen_at,
      }))
    },

    issueToken: ({ id, by, life = enrolmentLife.default }) =>
      unit((work) =>
        issueEnrolmentToken({ record }, work, { workstationId: id, life, issuedBy: by }),
      ),

    disable: ({ id, by }) =>
      unit(async (work) => {
        const { tx, now, publish } = work
        const changed = await tx
          .updateTable('workstations')
          .set({ status: 'disabled', disabled_at: now })
          .where('workstation_id', '=', id)
          .where('status', '=', 'active')
          .returning('workstation_id')
          .executeTakeFirst()
        if (!changed) {
          if (await exists(tx, id)) return false
          throw missing()
        }
        await tx.deleteFrom('machine_tokens').where('workstation_id', '=', id).execute()
        await tx
          .updateTable('workstation_enrolments')
          .set({ expires_at: now })
          .where('workstation_id', '=', id)
          .where('used_at', 'is', null)
          .where('expires_at', '>', now)
          .execute()
        await record(tx, 'workstation.disabled', { workstation: id, detail: { by } })
        for (const row of await openSessions(tx, [id]))
          await endSession(work, row, 'workstation-disabled')
        publish(id, { type: 'workstation.disabled' })
        return true
      }, takeReserve),

    enable: ({ id, by }) =>
      unit(async ({ tx }) => {
        const changed = await tx
          .updateTable('workstations')
          .set({ status: 'active', disabled_at: null })
          .where('workstation_id', '=', id)
          .where('status', '=', 'disabled')
          .returning('workstation_id')
          .executeTakeFirst()
        if (!changed) {
          if (await exists(tx, id)) return false
          throw missing()
        }
        await record(tx, 'workstation.enabled', { workstation: id, detail: { by } })
        return true
      }),
  }
}

async function exists(tx: Parameters<typeof openSessions>[0], id: string): Promise<boolean> {
  const row = await tx
    .selectFrom('workstations')
    .select('workstation_id')
    .where('workstation_id', '=', id)
    .executeTakeFirst()
  return row !== undefined
}

function statusOf(row: {
  readonly status: 'active' | 'disabled'
  readonly keys: number | string
  readonly cloned_at: number | null
}): WorkstationEntry['status'] {
  if (row.status === 'disabled') return 'disabled'
  if (row.cloned_at !== null) return 'cloned'
  return Number(row.keys) > 0 ? 'enrolled' : 'waiting'
}
