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

/** An application that a seed registered; those of the configuration are not here. */
export interface HouseApplicationTable {
  readonly application_id: string
  /** `applicationSchema`, JSON. */
  document: string
  changed_at: number
}

/** Tables of migration 0010-service. */
export interface ServiceTables {
  house_applications: HouseApplicationTable
  house_policy: HousePolicyTable
}
