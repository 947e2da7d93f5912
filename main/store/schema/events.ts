/** Tables of migration 0005-events. */
// oxlint-disable-next-line typescript/no-empty-object-type -- filled with the migration
export interface EventsTables {}
