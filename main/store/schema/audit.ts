/** Tables of main/audit. */
export interface AuditTables {}
