import type { Tx } from '../../store/port.ts'
import type { Services } from '../services.ts'
import type { Unit } from '../unit-of-work.ts'
import type { JsonObject, ResourceType } from './attributes.ts'
import type { Precondition } from './preconditions.ts'
import { ScimError } from './scim-error.ts'

export type Work = Pick<Unit, 'tx' | 'now' | 'publish'>

/** A resource that is to be. `machine`: who is recorded for it. */
export interface Creation {
  readonly document: JsonObject
  readonly machine: string
}

export interface Change {
  readonly id: string
  readonly change: (before: JsonObject) => JsonObject
  readonly how: 'replaced' | 'patched'
  readonly precondition: Precondition
  readonly machine: string
}
export type Removal = Omit<Change, 'change' | 'how'>

/** The row that a request is about, if it may change it; throws a ScimError. */
export function changeable<Row extends Parameters<Precondition>[0]>(
  row: Row | null,
  { name }: Pick<ResourceType, 'name'>,
  precondition: Precondition,
): Row {
  if (!row) throw new ScimError(404, null, `There is no such ${name}.`)
  precondition(row)
  return row
}

/** Ids and numbers only: never what the directory says of somebody. */
export async function recordChange(
  { record }: Pick<Services, 'record'>,
  tx: Tx,
  detail: {
    readonly resource: 'user' | 'group'
    readonly id: string
    readonly change: 'created' | 'deleted' | Change['how']
    readonly machine: string
    /** Members. */
    readonly added?: number
    readonly removed?: number
  },
): Promise<void> {
  await record(tx, 'directory.changed', { detail: { ...detail } })
}
