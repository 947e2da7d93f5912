/** Tables of main/authority/oauth. */
export interface OauthTables {}
