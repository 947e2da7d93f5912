/** A session that went on at another workstation, and whether the seat that it left is secured. */
export interface HandoverTable {
  /** Session that ended at the seat that was left. */
  readonly from_session_id: string
  /** Session that began in its place. */
  readonly to_session_id: string
  readonly person_id: string
  readonly from_workstation_id: string
  readonly from_workstation_name: string
  readonly to_workstation_id: string
  readonly to_workstation_name: string
  readonly moved_at: number
  /** The seat that was left counts as unsecured when it is not covered by then. */
  readonly due_at: number
  /** It said that it is covered. */
  secured_at: number | null
  /** It said that nothing of the session is left there. */
  cleared_at: number | null
  /** Was marked as unsecured; stays when it was secured later. */
  unsecured_at: number | null
}

/** Tables of migration 0007-roaming. */
export interface RoamingTables {
  handovers: HandoverTable
}
