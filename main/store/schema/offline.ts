/** Tables of migration 0009-offline. */
// oxlint-disable-next-line typescript/no-empty-object-type -- filled with the migration
export interface OfflineTables {}
