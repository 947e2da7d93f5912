/** Tables of migration 0008-directory. */
// oxlint-disable-next-line typescript/no-empty-object-type -- filled with the migration
export interface DirectoryTables {}
