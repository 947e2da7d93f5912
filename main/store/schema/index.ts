import type { AuditTables } from './audit.ts'
import type { AuthorityTables } from './authority.ts'
import type { DirectoryTables } from './directory.ts'
import type { EventsTables } from './events.ts'
import type { MachinesTables } from './machines.ts'
import type { OauthTables } from './oauth.ts'
import type { OfflineTables } from './offline.ts'
import type { RoamingTables } from './roaming.ts'
import type { ServiceTables } from './service.ts'

/** Every table, by the folder that owns it. Times are integer ms, blobs Uint8Array, json text. */
export interface Schema
  extends
    AuditTables,
    AuthorityTables,
    DirectoryTables,
    EventsTables,
    MachinesTables,
    OauthTables,
    OfflineTables,
    RoamingTables,
    ServiceTables {}
