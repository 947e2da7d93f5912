/** What the nodes of a service agree on. */
export interface HousePolicyTable {
  /** Counts from 1; the highest holds. */
  readonly version: number
  /** SHA-256 of the settings, by which a node knows its own file again. */
  readonly digest: string
  /** The settings that the configuration names, JSON. */
  readonly settings: string
  readonly changed_at: number
}

/** Tables of migration 0010-service. */
export interface ServiceTables {
  house_policy: HousePolicyTable
}
