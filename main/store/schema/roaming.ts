/** Tables of migration 0007-roaming. */
// oxlint-disable-next-line typescript/no-empty-object-type -- filled with the migration
export interface RoamingTables {}
