import type { Services } from '../services.ts'
import { log } from '../log.ts'

export interface CloneFound {
  readonly workstationId: string
  readonly keyId: string
  /**
   * What gave it away: two live connections, or a key that was used after the one that replaced it.
   */
  readonly sign: 'two-connections' | 'replaced-key'
}

/** Records what was found and tells the workstation; once per key, until IT enrols it anew. */
export type ReportClone = (found: CloneFound) => Promise<void>

/**
 * Nobody is cut off for it: a false alarm must not close a ward, and whoever has the genuine machine
 * cannot be told from here. Its keys stop to rotate, and those about to retire stay, until IT enrols
 * the workstation anew, which revokes them all.
 */
export function createReportClone({
  record,
  unit,
}: Pick<Services, 'record' | 'unit'>): ReportClone {
  return async ({ workstationId, keyId, sign }) => {
    const news = await unit(async ({ tx, now, publish }) => {
      const marked = await tx
        .updateTable('workstation_keys')
        .set({ cloned_at: now })
        .where('workstation_id', '=', workstationId)
        .where('revoked_at', 'is', null)
        .where('cloned_at', 'is', null)
        .returning('key_id')
        .execute()
      if (!marked.some(({ key_id }) => key_id === keyId)) return false
      await tx
        .updateTable('workstation_keys')
        .set({ retires_at: null })
        .where('workstation_id', '=', workstationId)
        .where('revoked_at', 'is', null)
        .where('retires_at', '>', now)
        .execute()
      await record(tx, 'workstation.cloned', {
        outcome: 8,
        workstation: workstationId,
        detail: { key: keyId, sign },
      })
      publish(workstationId, { type: 'workstation.cloned', at: now })
      return true
    })
    if (news) log('error', 'workstation-cloned', { workstation: workstationId, sign })
  }
}
