/** Tables of migration 0006-machines. */
// oxlint-disable-next-line typescript/no-empty-object-type -- filled with the migration
export interface MachinesTables {}
