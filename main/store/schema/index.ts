import type { AuditTables } from './audit.ts'
import type { AuthorityTables } from './authority.ts'
import type { OauthTables } from './oauth.ts'

/** Every table, by the folder that owns it. Times are integer ms, blobs Uint8Array, json text. */
export interface Schema extends AuditTables, AuthorityTables, OauthTables {}
