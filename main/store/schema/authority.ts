/** Tables of main/authority, besides oauth. */
export interface AuthorityTables {}
